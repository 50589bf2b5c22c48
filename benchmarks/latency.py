"""How long an instance stays in a gateway: from its last byte in to its first byte out, or to its last under load."""

import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.measure import Sample, percentile
from benchmarks.processes import Server
from benchmarks.scu import Association, Instance, read_instance
from benchmarks.tap import Tap
from benchmarks.workload import Workload

INSTANCE_NUMBER = re.compile(rb"\x20\x00\x13\x00(?:IS\x08\x00|\x08\x00\x00\x00)(\d{8})")
PAUSE_S = 0.02
FIRST_BYTE_TIMEOUT_S = 10.0


def idle(gateway: Server, tap: Tap, workload: Workload) -> Sample:
    """Send one instance at a time to an idle gateway; the tap before the receiver sees the first byte out."""
    waits = []
    instances = [read_instance(path) for path in workload.files]
    with Association(gateway.port, gateway.ae_title, _contexts(instances)) as association:
        for number, instance in enumerate(instances, 1):
            tap.arm()
            last_byte_in = association.store(instance, number)
            first_byte_out = tap.wait(FIRST_BYTE_TIMEOUT_S)
            if not first_byte_out:
                return Sample({}, f"instance {number} did not come out within {FIRST_BYTE_TIMEOUT_S:g} s")
            waits.append(max(0.0, 1000 * (first_byte_out - last_byte_in)))
            time.sleep(PAUSE_S)
        association.release()
    return Sample(_percentiles(waits))


def loaded(gateway: Server, workload: Workload, associations: int, inbox: Path, time_limit_s: float) -> Sample:
    """Send as fast as the gateway answers; an instance is out when its file at the receiver is complete.

    Instances are found again by their Instance Number, which the Basic Profile keeps. Resolution: that of the file
    system's clock, some milliseconds.
    """
    instances = [read_instance(path) for path in workload.files]
    shares = [range(start, len(instances), associations) for start in range(associations)]
    sent: dict[int, float] = {}

    def send(share: range) -> None:
        with Association(gateway.port, gateway.ae_title, _contexts(instances)) as association:
            for message_id, index in enumerate(share, 1):
                sent[index + 1] = association.store(instances[index], message_id)
            association.release()

    with ThreadPoolExecutor(associations) as pool:
        list(pool.map(send, shares))
    arrived = _arrivals(inbox, len(instances), time.time() + time_limit_s)
    if set(arrived) != set(sent):
        return Sample({}, f"{len(arrived)} of {len(sent)} arrived")
    return Sample(_percentiles([max(0.0, 1000 * (arrived[number] - sent[number])) for number in sent]))


def _arrivals(inbox: Path, count: int, deadline: float) -> dict[int, float]:
    """Return when each Instance Number was complete, once all have come or the deadline has passed."""
    while len(list(inbox.iterdir())) < count and time.time() < deadline:
        time.sleep(0.05)
    time.sleep(0.2)
    found = {}
    for path in inbox.iterdir():
        if number := INSTANCE_NUMBER.search(path.read_bytes()):
            found[int(number[1])] = path.stat().st_mtime
    return found


def _contexts(instances: Sequence[Instance]) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys((instance.sop_class_uid, instance.transfer_syntax_uid) for instance in instances))


def _percentiles(waits: Sequence[float]) -> dict[str, float]:
    return {"p50_ms": percentile(waits, 0.50), "p99_ms": percentile(waits, 0.99)}
