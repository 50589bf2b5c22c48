"""What is to be shared with albums is noted with its first confirmed delivery, and done by one process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from philae.dicom.identify import Identifiers
from philae.pipeline.album_shares import AlbumShare, Unshared, WaitingShare
from philae.pipeline.model import Lane, Settlement
from philae.pipeline.outcome import State
from philae.store.album_shares import SqlAlbumShares, read_unshared
from philae.store.database import Database
from philae.store.due import CLAIM
from philae.store.ledger import SqlLedger
from tests.support.instances import make_instance

MINUTE = timedelta(minutes=1)
NEW = Identifiers(study_instance_uid="2.25.1", series_instance_uid="2.25.2")
SHARE = AlbumShare(1, "research", "2.25.1", "2.25.2")


@pytest.fixture
def shares(database: Database) -> SqlAlbumShares:
    return SqlAlbumShares(database)


def work_off(database: Database, *ends: State, albums: tuple[str, ...] = ("research",)) -> None:
    """One instance for each end, accepted for destination 1 and settled in one batch."""
    ledger, lane = SqlLedger(database), Lane(1, 0, 1)
    for _ in ends:
        ledger.open(make_instance(), [1], 1)
    ledger.acquire([lane], "w", MINUTE)
    claimed = ledger.claim(lane, "w", len(ends), datetime.now(UTC))
    pairs = zip(claimed, ends, strict=True)
    ledger.settle([Settlement(each, state, sent=NEW, albums=albums) for each, state in pairs], "w")


def waiting(database: Database) -> dict[int, tuple[Unshared, ...]]:
    with database.read() as connection:
        return dict(read_unshared(connection))


def claimed(shares: SqlAlbumShares, now: datetime) -> WaitingShare:
    found = shares.claim(now)
    assert found is not None
    return found


def test_a_series_is_noted_once_for_each_album_as_it_left(database: Database, shares: SqlAlbumShares) -> None:
    work_off(database, State.SENT, State.SENT, albums=("research", "teaching"))
    work_off(database, State.ALREADY_PRESENT)

    now = datetime.now(UTC)
    found = {claimed(shares, now).share for _ in range(2)}

    assert found == {SHARE, AlbumShare(1, "teaching", "2.25.1", "2.25.2")}
    assert shares.claim(now) is None


def test_what_was_not_delivered_is_not_shared(database: Database) -> None:
    work_off(database, State.HELD, State.FAILED, State.EXCLUDED)

    assert waiting(database) == {}


def test_what_is_shared_is_remembered_for_a_while(database: Database, shares: SqlAlbumShares) -> None:
    work_off(database, State.SENT)
    now = datetime.now(UTC)
    shares.shared(claimed(shares, now).id, now)

    work_off(database, State.SENT)
    remembered = shares.claim(now + CLAIM)
    shares.forget(now + MINUTE)
    work_off(database, State.SENT)

    assert remembered is None
    assert claimed(shares, datetime.now(UTC)).share == SHARE


def test_a_share_is_put_off_with_the_reason(database: Database, shares: SqlAlbumShares) -> None:
    work_off(database, State.SENT)
    now = datetime.now(UTC)
    first = claimed(shares, now)

    shares.postpone(first.id, now + 2 * CLAIM, "Kheops answered 503")

    assert shares.claim(now + CLAIM) is None
    assert waiting(database) == {1: (Unshared("research", 1, "Kheops answered 503"),)}
    assert claimed(shares, now + 2 * CLAIM).attempts == first.attempts + 1 == 2


def test_what_a_dead_process_claimed_is_done_by_another(database: Database, shares: SqlAlbumShares) -> None:
    work_off(database, State.SENT)
    now = datetime.now(UTC)
    claimed(shares, now)

    assert shares.claim(now + CLAIM - MINUTE) is None
    assert claimed(SqlAlbumShares(database), now + CLAIM).share == SHARE


def test_a_share_is_dropped_for_good(database: Database, shares: SqlAlbumShares) -> None:
    work_off(database, State.SENT)

    shares.drop(claimed(shares, datetime.now(UTC)).id)

    assert waiting(database) == {}


def test_a_share_is_made_by_one_of_many_processes(database: Database, shares: SqlAlbumShares) -> None:
    work_off(database, State.SENT)
    now, together = datetime.now(UTC), Barrier(4)
    found: list[WaitingShare | None] = []

    def claim() -> None:
        together.wait()
        found.append(shares.claim(now))

    threads = [Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([each for each in found if each is not None]) == 1
