"""Delivering: each kind of destination, and what people would use in its place, to the same receiver."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measure import Case, Sample
from benchmarks.peers.sshd import sftp_batch, sftp_settings, sshd
from benchmarks.peers.storescp import storescp
from benchmarks.peers.stow import STOW_SERVERS
from benchmarks.processes import HOST, PeerFailed, Server
from benchmarks.senders import send
from benchmarks.settings import Settings
from benchmarks.workload import Workload, ct, small
from tests.support.listening import Certificates, certificates

ROOT = Path(__file__).parents[1]
AT_ONCE = 20
OURS = "Philae"
CLIENT, CLIENT_BATCHES = "dicomweb-client", f"dicomweb-client, {AT_ONCE} a request"
Measure = Callable[[Settings, Workload], Sample]


def cases(settings: Settings) -> Iterator[Case]:
    """Return STOW-RS to a server that is no limit and to Orthanc, then SFTP, a folder and DICOM."""
    for workload in (ct(settings.workloads, settings.delivered), small(settings.workloads, settings.delivered)):
        for name in STOW_SERVERS:
            for peer, connections, module, batch in (
                (CLIENT, 1, "dicomweb", 1),
                (CLIENT_BATCHES, 1, "dicomweb", AT_ONCE),
                (OURS, 1, "philae", AT_ONCE),
                (CLIENT, 4, "dicomweb", 1),
                (OURS, 4, "philae", AT_ONCE),
            ):
                run = partial(_stow, server=name, module=module, connections=connections, batch=batch)
                yield from _case(settings, f"stow {name}", workload, connections, peer, run)
        for kind, peer, measure in (
            ("sftp", "sftp -b", _sftp_command),
            ("sftp", OURS, _sftp),
            ("folder", "cp, sync", _copy),
            ("folder", OURS, _folder),
            ("dicom", "storescu", _storescu),
            ("dicom", OURS, _dicom),
            ("dicom over TLS", "storescu", partial(_storescu, secure=True)),
            ("dicom over TLS", OURS, partial(_dicom, secure=True)),
        ):
            yield from _case(settings, kind, workload, 1, peer, measure)


def _case(
    settings: Settings, kind: str, workload: Workload, connections: int, peer: str, measure: Measure
) -> Iterator[Case]:
    if settings.wants(peer):
        run = partial(measure, settings, workload)
        yield Case("deliver", f"{kind}, {workload.name}", connections, peer, run)


def _stow(settings: Settings, workload: Workload, *, server: str, module: str, connections: int, batch: int) -> Sample:
    start, path = STOW_SERVERS[server]
    with settings.memory_folder() as folder, start(folder) as archive:
        told = {"kind": "stow", "url": f"http://{HOST}:{archive.port}{path}", "batch_instances": batch}
        return by_client(settings, module, told, workload, connections)


def _sftp(settings: Settings, workload: Workload) -> Sample:
    with settings.disk_folder() as folder, sshd(folder / "ssh") as server:
        return by_client(settings, "philae", sftp_settings(server, folder / "ssh", folder / "out"), workload, 1)


def _sftp_command(settings: Settings, workload: Workload) -> Sample:
    with settings.disk_folder() as folder, sshd(folder / "ssh") as server:
        command = sftp_batch(server, folder / "ssh", workload.files, folder / "out")
        return _commands(settings, [command], workload)


def _folder(settings: Settings, workload: Workload) -> Sample:
    with settings.disk_folder() as folder:
        return by_client(settings, "philae", {"kind": "folder", "path": str(folder / "out")}, workload, 1)


def _copy(settings: Settings, workload: Workload) -> Sample:
    """Copy all, then sync all: cheaper than one file after the other."""
    with settings.disk_folder() as folder:
        copies = [str(folder / path.name) for path in workload.files]
        copy = ["/usr/bin/cp", *map(str, workload.files), str(folder)]
        return _commands(settings, [copy, ["/usr/bin/sync", "--data", *copies]], workload)


def _dicom(settings: Settings, workload: Workload, *, secure: bool = False) -> Sample:
    with _dicom_receiver(settings, secure=secure) as (server, keys):
        told = {"kind": "dicom", "ae_title": server.ae_title, "hostname": HOST, "port": server.port}
        return by_client(settings, "philae", told | ({"tls": keys.settings} if keys else {}), workload, 1)


def _storescu(settings: Settings, workload: Workload, *, secure: bool = False) -> Sample:
    with _dicom_receiver(settings, secure=secure) as (server, keys):
        options = _tls(keys.client_files, keys) if keys else []
        cpu = _children_cpu_s()
        sending = send(workload, server, 1, timeout_s=settings.time_limit_s, options=options)
        return _sample(workload, sending.elapsed_s, _children_cpu_s() - cpu, "; ".join(sending.faults))


@contextmanager
def _dicom_receiver(settings: Settings, *, secure: bool) -> Iterator[tuple[Server, Certificates | None]]:
    """Start storescp; over TLS both sides show a certificate."""
    with settings.memory_folder() as folder:
        keys = certificates(folder) if secure else None
        options = [*_tls(keys.server_files, keys), "-rc"] if keys else []
        with storescp(folder, 1, options=options) as server:
            yield server, keys


def _tls(own: tuple[str, str], keys: Certificates) -> list[str]:
    """Return the options of DCMTK's programs."""
    return ["+tls", *own, "-pw", "+cf", keys.authority_file]


def by_client(settings: Settings, module: str, told: Mapping[str, Any], workload: Workload, connections: int) -> Sample:
    """Run a client of Python; its start does not count."""
    ended = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "benchmarks.deliver_process",
            module,
            json.dumps(told),
            str(connections),
        ],
        input="\n".join(map(str, workload.files)),
        capture_output=True,
        check=False,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
        timeout=settings.time_limit_s,
    )
    if ended.returncode:
        return Sample({}, ended.stderr[-500:])
    figures = json.loads(ended.stdout)
    return _sample(workload, figures["seconds"], figures["cpu_s"])


def _commands(settings: Settings, commands: Sequence[Sequence[str]], workload: Workload) -> Sample:
    cpu, began = _children_cpu_s(), time.perf_counter()
    for command in commands:
        ended = subprocess.run(command, capture_output=True, check=False, timeout=settings.time_limit_s)
        if ended.returncode:
            raise PeerFailed(ended.stderr.decode(errors="replace")[-500:])
    return _sample(workload, time.perf_counter() - began, _children_cpu_s() - cpu)


def _sample(workload: Workload, seconds: float, cpu_s: float, fault: str = "") -> Sample:
    count = len(workload.files)
    return Sample({"rate": count / seconds, "cpu_ms": 1000 * cpu_s / count}, fault)


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
