"""What was acknowledged is there after the process was killed, whenever that was."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from xxhash import xxh3_128_digest

from philae.pipeline.model import Lane
from philae.store.database import Database, sqlite_url
from philae.store.ledger import SqlLedger
from philae.store.reading import recount
from philae.store.schema import migrate
from philae.store.spool import FolderSpool
from tests.support.instances import NOW

KILLS = 8
INTAKE = """
import os, sys, threading
from dataclasses import replace
from pathlib import Path
from philae.store.database import Database, sqlite_url
from philae.store.ledger import SqlLedger
from philae.store.spool import FolderSpool
from tests.support.instances import make_incoming, make_instance

root = Path(sys.argv[1])
ledger, spool = SqlLedger(Database(sqlite_url(root / "philae.db"))), FolderSpool(root / "spool")

def accept():
    while True:
        draft = spool.draft(make_incoming())
        draft.write([memoryview(os.urandom(2000))])
        size, digest = draft.keep()
        ledger.open(replace(make_instance(draft.id, digest=digest), size=size), [1, 2], 1)
        os.write(1, f"{draft.id}\\n".encode())

for _ in range(4):
    threading.Thread(target=accept).start()
"""


def test_nothing_acknowledged_is_lost_when_intakes_are_killed(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "philae.db"))
    migrate(database)
    acknowledged: set[int] = set()
    for _ in range(KILLS):
        intakes = [subprocess.Popen([sys.executable, "-c", INTAKE, tmp_path], stdout=subprocess.PIPE) for _ in range(2)]
        first = [intake.stdout.readline() for intake in intakes if intake.stdout]
        time.sleep(random.uniform(0, 0.3))
        for intake in intakes:
            intake.send_signal(signal.SIGKILL)
        rest = [intake.communicate()[0] for intake in intakes]
        acknowledged.update(int(line) for output in (*first, *rest) for line in output.split(b"\n")[:-1])

    ledger, spool = SqlLedger(database), FolderSpool(tmp_path / "spool")
    lane = Lane(1, 0, 1)
    ledger.acquire([lane], "w", timedelta(minutes=1))
    recorded = {each.instance.id: each.instance for each in ledger.claim(lane, "w", 1_000_000, NOW)}

    assert acknowledged <= recorded.keys()
    for instance in recorded.values():
        file = spool.open(instance)
        content = b"".join(map(bytes, file.blocks(file.encoded.start, file.encoded.end)))
        assert xxh3_128_digest(content) == instance.digest
        file.close()
    assert recount(database) == ledger.counts()
    database.close()
