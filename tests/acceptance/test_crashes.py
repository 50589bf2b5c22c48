"""Processes are killed while senders send: what was acknowledged arrives all the same."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

from tests.support.deliveries import spool_files
from tests.support.documents import document, node, to_dicom, to_folder
from tests.support.gateway import Gateway
from tests.support.receivers import Storescp, until
from tests.support.scans import Scan, assert_deidentified, scans
from tests.support.senders import PersistentSender

SENDERS = 4
SLICES = 60
SIZE = 512
KILLS = 6
PAUSES_S = (0.3, 1.2)
SEED = 20260701

Kill = Callable[[Gateway, Storescp], None]


def supervisor(gateway: Gateway, _target: Storescp) -> None:
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


def moments(seed: int) -> Iterator[tuple[float, Kill]]:
    """Every kind in turn, at moments that differ."""
    dice = random.Random(seed)
    for kind in cycle(KINDS):
        yield dice.uniform(*PAUSES_S), kind


def kill_while_sending(gateway: Gateway, target: Storescp, senders: list[PersistentSender]) -> list[str]:
    done: list[str] = []
    for pause_s, kill in moments(SEED):
        time.sleep(pause_s)
        if len(done) == KILLS or not any(sender.is_alive() for sender in senders):
            return done
        acknowledged = sum(len(sender.acknowledged) for sender in senders)
        kill(gateway, target)
        done.append(f"{kill.__name__} after {acknowledged} acknowledged")
        sys.stdout.write(f"seed {SEED}, kill {len(done)}: {done[-1]}\n")
    return done


def shares(sent: list[Scan]) -> list[list[Path]]:
    paths = [scan.path for scan in sent]
    return [paths[start : start + SLICES] for start in range(0, len(paths), SLICES)]


def test_nothing_acknowledged_is_lost_when_processes_are_killed(tmp_path: Path) -> None:
    sent = scans(tmp_path / "sent", patients=SENDERS, slices=SLICES, size=SIZE)
    out = tmp_path / "out"
    target = Storescp(tmp_path / "received").start()
    gateway = Gateway(tmp_path / "data", document(node(to_dicom(target.port), to_folder(out)))).start()
    senders = [PersistentSender(gateway.port, share) for share in shares(sent)]
    try:
        for sender in senders:
            sender.start()
        kills = kill_while_sending(gateway, target, senders)
        for sender in senders:
            sender.join(250)
        acknowledged = {path for sender in senders for path in sender.acknowledged}
        counts = gateway.settled()
        status = gateway.status()
        left = restart_with_a_sweep(gateway)
    finally:
        gateway.stop()
        target.kill()

    assert len(kills) == KILLS, "the senders were done before the last kill: send more"
    assert acknowledged == {scan.path for scan in sent}
    assert counts["opened"] == 2 * status["instances"]["accepted"]
    assert counts["sent"] + counts["already_present"] == counts["opened"]
    assert status["instances"]["accepted"] >= len(sent)
    assert_deidentified(target.files(), sent)
    assert_deidentified(list(out.rglob("*.dcm")), sent)
    assert not list(out.rglob("*.part"))
    assert not left


def restart_with_a_sweep(gateway: Gateway) -> list[Path]:
    """What is left in the spool once files of instances that were never accepted count as orphans."""
    until(lambda: not [each for each in spool_files(gateway.data) if each.stat().st_mtime > time.time() - 1], "silence")
    assert gateway.stop() == 0
    gateway.environment |= {"PHILAE_IDLE_S": "0.1", "PHILAE_ORPHAN_AGE_S": "0.2"}
    gateway.start()
    until(lambda: not spool_files(gateway.data), "the sweep at the start")
    return spool_files(gateway.data)
