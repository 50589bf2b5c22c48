"""The gateway stops when told to, starts only where it may, and tells how it stands at any time."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from pathlib import Path

from philae.dimse import pdu
from philae.dimse.commands import STATUS, decode_command
from tests.support.archives import Storescp, until
from tests.support.association import request_bytes, store_bytes
from tests.support.datasets import encode, make_dataset, new_uid
from tests.support.deliveries import deliveries, spool_files
from tests.support.documents import document, node, to_dicom, to_folder
from tests.support.gateway import PHILAE, Gateway
from tests.support.scans import assert_deidentified, scans
from tests.support.senders import PersistentSender, send
from tests.support.wire import Wire

SENDERS = 3
SLICES = 60
BEFORE = 30
WORDS = ["opened", "sent", "already_present", "simulated", "excluded", "held", "failed", "waiting"]


def test_sigterm_drains_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    sent = scans(tmp_path / "sent", patients=SENDERS, slices=SLICES, size=256)
    out = tmp_path / "out"
    with Storescp(tmp_path / "received") as receiver:
        gateway = Gateway(tmp_path / "data", document(node(to_dicom(receiver.port), to_folder(out)))).start()
        shares = [[scan.path for scan in sent[start::SENDERS]] for start in range(SENDERS)]
        senders = [PersistentSender(gateway.port, share) for share in shares]
        for sender in senders:
            sender.start()
        until(lambda: sum(len(sender.acknowledged) for sender in senders) >= BEFORE, "the senders are at work")
        code = gateway.stop()
        for sender in senders:
            sender.stopping.set()
            sender.join(60)
        stopped = [not sender.is_alive() for sender in senders]
        acknowledged = {path for sender in senders for path in sender.acknowledged}
        with gateway:
            counts = gateway.settled()
        uids = {each.sop_instance_uid for each in deliveries(gateway.data)}
        accepted = [scan for scan in sent if scan.uid in uids]

    assert code == 0
    assert "not_drained" not in gateway.log
    assert all(stopped), "a sender still waits for an answer"
    assert all(sender.breaks for sender in senders), "a sender was done before the gateway stopped: send more"
    assert acknowledged <= {scan.path for scan in accepted}
    assert len(accepted) <= len(acknowledged) + SENDERS
    assert counts["sent"] + counts["already_present"] == counts["opened"] == 2 * len(accepted)
    assert_deidentified(receiver.files(), accepted)
    assert_deidentified(out.rglob("*.dcm"), accepted)


def test_an_instance_in_hand_is_answered_after_sigterm(tmp_path: Path) -> None:
    uid = new_uid()
    message = store_bytes(encode(make_dataset(uid)), uid=uid)
    with Gateway(tmp_path / "data", document(node(to_folder(tmp_path / "out")))) as gateway:
        with Wire(gateway.port, request_bytes()) as wire:
            wire.receive()
            wire.send(message[:-300])
            until(lambda: bool(spool_files(gateway.data)), "the instance is in hand")
            os.kill(gateway.pid, signal.SIGTERM)
            until(lambda: not listens(gateway.port), "the gateway takes no more associations")
            wire.send(message[-300:])
            answer = wire.receive()
            last_words = wire.last_words()
        code = gateway.stop()
    gateway.start()
    counts = gateway.settled()
    gateway.stop()

    assert code == 0
    assert answer is not None
    assert decode_command(answer[1][6:]).number(STATUS) == 0x0000
    assert last_words == pdu.Abort(pdu.SOURCE_USER, 0)
    assert counts["sent"] == 1


def test_a_sender_that_does_not_go_on_is_aborted_when_the_time_to_drain_is_over(tmp_path: Path) -> None:
    uid = new_uid()
    nodes = document(node(to_folder(tmp_path / "out")))
    with Gateway(tmp_path / "data", nodes, environment={"PHILAE_DRAIN_S": "1"}) as gateway:
        with Wire(gateway.port, request_bytes()) as wire:
            wire.receive()
            wire.send(store_bytes(encode(make_dataset(uid)), uid=uid)[:-300])
            until(lambda: bool(spool_files(gateway.data)), "the instance is in hand")
            os.kill(gateway.pid, signal.SIGTERM)
            last_words = wire.last_words()
        code = gateway.stop()

    assert last_words == pdu.Abort(pdu.SOURCE_USER, 0)
    assert code == 0
    assert not spool_files(gateway.data)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def test_a_second_gateway_is_refused_on_the_same_folder_and_on_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        elsewhere = serve(tmp_path / "elsewhere", port)
        with Gateway(tmp_path / "data", document(node(to_folder(tmp_path / "out")))) as gateway:
            second = serve(gateway.data, port)
            said_second = second.communicate(timeout=60)[1]
            accepted = gateway.status()["instances"]["accepted"]
        said_elsewhere = elsewhere.communicate(timeout=60)[1].splitlines()

    assert (second.returncode, elsewhere.returncode, accepted) == (1, 1, 0)
    assert said_second.endswith(f"a gateway runs on {gateway.data} already; stop it or give another --data\n")
    assert f"cannot listen on 127.0.0.1:{port}" in said_elsewhere[-1]
    assert "PHILAE_DICOM_PORT" in said_elsewhere[-1]
    assert "port.taken" in said_elsewhere[0]
    assert len(said_elsewhere) == 2


def serve(data: Path, port: int) -> subprocess.Popen[str]:
    environment = {**os.environ, "PHILAE_DICOM_HOST": "127.0.0.1", "PHILAE_DICOM_PORT": str(port)}
    command = [PHILAE, "serve", "--data", str(data)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_status_is_told_while_the_gateway_runs_and_when_it_does_not(tmp_path: Path) -> None:
    sent = scans(tmp_path / "sent", slices=3)
    gateway = Gateway(tmp_path / "data", document(node(to_folder(tmp_path / "out"))))
    with gateway:
        send(gateway.port, [scan.path for scan in sent])
        gateway.settled()
        running = gateway.status()
    stopped = gateway.status()
    table = status(gateway.data)
    nowhere = status(tmp_path / "nowhere")

    assert running == stopped
    assert running["instances"] == {"accepted": 3}
    assert list(running["deliveries"]) == WORDS
    assert running["deliveries"] == {**dict.fromkeys(WORDS, 0), "opened": 3, "sent": 3}
    assert [each["name"] for each in json.loads(json.dumps(running["nodes"]))[0]["destinations"]] == ["local"]
    assert table.returncode == 0
    assert "3 instances accepted" in table.stdout
    assert nowhere.returncode == 1
    assert nowhere.stderr.endswith(f"there is no gateway in {tmp_path / 'nowhere'}; name its folder with --data\n")
    assert not (tmp_path / "nowhere").exists()


def status(data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PHILAE, "status", "--data", str(data)], capture_output=True, text=True, check=False)
