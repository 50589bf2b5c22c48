"""Processes are killed while senders send: what was acknowledged arrives all the same."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

from philae.dimse.commands import STATUS, decode_command
from tests.support.archives import Storescp, until
from tests.support.association import request_bytes, store_bytes
from tests.support.datasets import encode, make_dataset, new_uid
from tests.support.deliveries import spool_files
from tests.support.documents import document, node, to_dicom, to_folder
from tests.support.gateway import Gateway
from tests.support.scans import Scan, assert_deidentified, scans
from tests.support.senders import PersistentSender
from tests.support.wire import Wire

SENDERS = 4
SLICES = 40
SIZE = 512
KILLS = 6
LONGEST_PAUSE_S = 0.2
PATIENCE_S = 200.0
SEED = 20260701

Kill = Callable[[Gateway, Storescp], None]


def supervisor(gateway: Gateway, _target: object) -> None:
    gateway.kill()
    gateway.start()


def intake(gateway: Gateway, _target: Storescp) -> None:
    _kill_one(gateway.intakes())


def worker(gateway: Gateway, _target: Storescp) -> None:
    _kill_one(gateway.workers())


def everything(gateway: Gateway, _target: Storescp) -> None:
    """What a power cut does to processes."""
    children = gateway.children()
    gateway.kill()
    for pid in children:
        _kill_one([pid])
    gateway.start()


def receiver(_gateway: Gateway, target: Storescp) -> None:
    target.kill()
    target.start()


KINDS: tuple[Kill, ...] = (worker, intake, receiver, supervisor, everything)


def _kill_one(pids: list[int]) -> None:
    for pid in pids[:1]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def moments(instances: int) -> list[tuple[int, float, Kill]]:
    """How many instances are acknowledged, the seconds more, and what is killed then; every kind in turn."""
    dice = random.Random(SEED)
    counts = sorted(dice.sample(range(instances), KILLS))
    return [(count, dice.uniform(0, LONGEST_PAUSE_S), kind) for count, kind in zip(counts, cycle(KINDS), strict=False)]


def acknowledged(senders: list[PersistentSender]) -> int:
    return sum(len(sender.acknowledged) for sender in senders)


def kill_while_sending(gateway: Gateway, target: Storescp, senders: list[PersistentSender], instances: int) -> None:
    for count, pause_s, kill in moments(instances):
        deadline = time.monotonic() + PATIENCE_S
        while acknowledged(senders) < count:
            assert time.monotonic() < deadline, f"only {acknowledged(senders)} of {instances} acknowledged"
            time.sleep(0.01)
        time.sleep(pause_s)
        sys.stdout.write(f"seed {SEED}: {acknowledged(senders)} of {instances} acknowledged, kill {kill.__name__}\n")
        kill(gateway, target)


def shares(sent: list[Scan]) -> list[list[Path]]:
    paths = [scan.path for scan in sent]
    return [paths[start : start + SLICES] for start in range(0, len(paths), SLICES)]


def test_nothing_acknowledged_is_lost_when_processes_are_killed(tmp_path: Path) -> None:
    sent = scans(tmp_path / "sent", patients=SENDERS, slices=SLICES, size=SIZE)
    out = tmp_path / "out"
    target = Storescp(tmp_path / "received").start()
    gateway = Gateway(tmp_path / "data", document(node(to_dicom(target.port), to_folder(out))))
    gateway.environment["PHILAE_LEASE_S"] = "3"
    gateway.start()
    senders = [PersistentSender(gateway.port, share) for share in shares(sent)]
    try:
        for sender in senders:
            sender.start()
        kill_while_sending(gateway, target, senders, len(sent))
        for sender in senders:
            sender.join(PATIENCE_S)
        answered = {path for sender in senders for path in sender.acknowledged}
        counts = gateway.settled(PATIENCE_S)
        status = gateway.status()
        left = restart_with_a_sweep(gateway)
    finally:
        gateway.stop()
        target.kill()

    assert answered == {scan.path for scan in sent}
    assert counts["opened"] == 2 * status["instances"]["accepted"]
    assert counts["sent"] + counts["already_present"] == counts["opened"]
    assert status["instances"]["accepted"] >= len(sent)
    assert_deidentified(target.files(), sent)
    assert_deidentified(list(out.rglob("*.dcm")), sent)
    assert not list(out.rglob("*.part"))
    assert not left


def test_an_intake_whose_gateway_was_killed_answers_what_it_has_in_hand_and_leaves_the_port(tmp_path: Path) -> None:
    uid = new_uid()
    message = store_bytes(encode(make_dataset(uid)), uid=uid)
    gateway = Gateway(tmp_path / "data", document(node(to_folder(tmp_path / "out")))).start()
    with Wire(gateway.port, request_bytes()) as wire:
        wire.receive()
        wire.send(message[:-300])
        until(lambda: bool(spool_files(gateway.data)), "the instance is in hand")
        supervisor(gateway, None)
        wire.send(message[-300:])
        answer = wire.receive()
    counts = gateway.settled()
    code = gateway.stop()

    assert code == 0
    assert answer is not None
    assert decode_command(answer[1][6:]).number(STATUS) == 0x0000
    assert counts["sent"] == 1


def restart_with_a_sweep(gateway: Gateway) -> list[Path]:
    """What is left in the spool once files of instances that were never accepted count as orphans."""
    until(lambda: not [each for each in spool_files(gateway.data) if each.stat().st_mtime > time.time() - 1], "silence")
    assert gateway.stop() == 0
    gateway.environment |= {"PHILAE_IDLE_S": "0.1", "PHILAE_ORPHAN_AGE_S": "0.2"}
    gateway.start()
    until(lambda: not spool_files(gateway.data), "the sweep at the start")
    return spool_files(gateway.data)
