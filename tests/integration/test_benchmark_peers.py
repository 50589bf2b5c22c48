"""Every program that the benchmarks compare with starts, takes instances, and gives back what it should."""

import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.misc import is_dicom

from benchmarks import deliver, outage, stow_in
from benchmarks.chain import GATEWAYS, Gateway, start_chain, wait_for_files
from benchmarks.engines import MODULES, RESEARCH
from benchmarks.latency import idle
from benchmarks.peers.commands import COMMANDS, run
from benchmarks.peers.orthanc import orthanc
from benchmarks.peers.philae import philae_receiver
from benchmarks.peers.pynetdicom_gateway import pynetdicom_gateway
from benchmarks.peers.storescp import storescp
from benchmarks.processes import tree
from benchmarks.receive import StartReceiver
from benchmarks.scu import Association
from benchmarks.senders import send
from benchmarks.settings import Settings
from benchmarks.tap import Tap
from benchmarks.workload import ct, small

COUNT = 10
TIME_LIMIT_S = 60.0


@pytest.mark.parametrize("associations", [1, 4])
@pytest.mark.parametrize("start", [storescp, orthanc, philae_receiver])
def test_receiver_takes_every_instance(tmp_path: Path, start: StartReceiver, associations: int) -> None:
    workload = small(tmp_path, COUNT)

    with start(tmp_path / "server", associations) as server:
        sending = send(workload, server, associations, timeout_s=TIME_LIMIT_S)
        pids = tree(server.process.pid)
        cpu_s, peak_mb = server.cpu_s(), server.peak_mb()

    assert sending.faults == ()
    assert cpu_s > 0
    assert peak_mb > 1
    assert all(len(tree(pid)) == 1 and not Path(f"/proc/{pid}/exe").exists() for pid in pids)


@pytest.mark.parametrize("gateway", GATEWAYS, ids=lambda gateway: gateway.name)
def test_gateway_delivers_every_instance_deidentified(tmp_path: Path, gateway: Gateway) -> None:
    workload = small(tmp_path, COUNT)
    before = [dcmread(path) for path in workload.files]

    with ExitStack() as stack:
        chain = start_chain(stack, Settings(tmp_path), gateway, 1)
        sending = send(workload, chain.target, 1, timeout_s=TIME_LIMIT_S)
        arrived = wait_for_files(chain.inbox, COUNT, TIME_LIMIT_S)
        chain.target.stop()
        after = [dcmread(path) for path in chain.inbox.iterdir()]

    assert sending.faults == ()
    assert arrived == COUNT
    assert {dataset.PatientName for dataset in before}.isdisjoint({dataset.PatientName for dataset in after})
    assert {dataset.SOPInstanceUID for dataset in before}.isdisjoint({dataset.SOPInstanceUID for dataset in after})


def test_first_byte_out_is_measured(tmp_path: Path) -> None:
    with ExitStack() as stack:
        receiver = stack.enter_context(storescp(tmp_path / "receiver", 2))
        tap = Tap(receiver.port)
        stack.callback(tap.close)
        gateway = stack.enter_context(pynetdicom_gateway(tmp_path / "gateway", 1, tap.port))

        sample = idle(gateway, tap, ct(tmp_path, 3))

    assert sample.fault == ""
    assert set(sample.figures) == {"p50_ms", "p99_ms"}


def test_associations_are_set_up_and_released(tmp_path: Path) -> None:
    with storescp(tmp_path, 1) as server:
        for _ in range(3):
            with Association(server.port, server.ae_title) as association:
                association.release()


@pytest.mark.parametrize("module", [*MODULES.values(), *RESEARCH.values()])
def test_python_engine_deidentifies_file_to_file(tmp_path: Path, module: str) -> None:
    workload = small(tmp_path, 5)
    target = tmp_path / "target"
    target.mkdir()

    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.engine_process", module, "file", str(target)],
        input="\n".join(map(str, workload.files)),
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        timeout=TIME_LIMIT_S,
    )

    written = sorted(target.iterdir())
    assert len(written) == 2
    for path in written:
        assert dcmread(path).PatientName != dcmread(workload.files[0]).PatientName


@pytest.mark.parametrize("name", COMMANDS)
def test_command_line_engine_deidentifies_a_folder(tmp_path: Path, name: str) -> None:
    workload = ct(tmp_path / "workload", 3)
    folder = tmp_path / "work"
    folder.mkdir()

    run(COMMANDS[name](workload.files, folder), TIME_LIMIT_S)

    target = folder / "target" if (folder / "target").is_dir() else folder
    written = [path for path in target.rglob("*") if path.is_file() and is_dicom(path)]
    names = {str(dcmread(path).get("PatientName", "")) for path in written}
    assert len(written) == 3
    assert str(dcmread(workload.files[0]).PatientName) not in names


@pytest.mark.parametrize(
    "place, peer",
    [
        ("stow Orthanc", "dicomweb-client"),
        ("stow Orthanc", "Philae"),
        ("stow null", "dicomweb-client"),
        ("stow null", "Philae"),
        ("sftp", "sftp -b"),
        ("sftp", "Philae"),
        ("folder", "cp, sync"),
        ("dicom", "Philae"),
        ("dicom over TLS", "storescu"),
        ("dicom over TLS", "Philae"),
    ],
)
def test_every_client_delivers(tmp_path: Path, place: str, peer: str) -> None:
    settings = replace(Settings(tmp_path), delivered=3)
    case = next(each for each in deliver.cases(settings) if each.workload == f"{place}, small" and each.peer == peer)

    sample = case.run()

    assert sample.fault == ""
    assert sample.figures["rate"] > 0


@pytest.mark.parametrize("peer", ["Philae", "Orthanc"])
def test_instances_are_received_by_stow(tmp_path: Path, peer: str) -> None:
    settings = replace(Settings(tmp_path), delivered=3)
    case = next(each for each in stow_in.cases(settings) if each.peer.startswith(peer))

    sample = case.run()

    assert sample.fault == ""
    assert sample.figures["rate"] > 0


def test_a_dead_destination_is_drained_in_order_once_it_is_back(tmp_path: Path) -> None:
    settings = replace(Settings(tmp_path), outage=20)
    case = next(each for each in outage.cases(settings) if each.peer == outage.BESIDE_A_DEAD)

    sample = case.run()

    assert sample.fault == ""
    assert sample.figures["drain_rate"] > 0
