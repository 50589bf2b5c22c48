"""What is to be shared with albums, in the database: noted as deliveries are settled, worked off later."""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from philae.pipeline.album_shares import AlbumShare, Unshared, WaitingShare
from philae.pipeline.outcome import DELIVERED
from philae.store.due import changed, claim_due
from philae.store.moments import microseconds, moment
from philae.store.rows import storable
from philae.store.tables.album_shares import album_share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from philae.pipeline.model import Settlement
    from philae.store.database import Database, Transaction

_WAITS = album_share.c.shared_at.is_(None)


class ShareNotes:
    """Writes what confirmed deliveries bring into albums."""

    def __init__(self, database: Database) -> None:
        columns = ("destination_id", "album", "study_instance_uid", "series_instance_uid", "since", "not_before")
        row: dict[str, Any] = {name: sa.bindparam(name) for name in columns}
        clause = database.upsert(album_share).values(**row, attempts=0).on_conflict_do_nothing()
        self._add = database.prepare(clause)

    def write(self, transaction: Transaction, ended: Sequence[Settlement]) -> None:
        """Note each series and album once, however many instances name it."""
        shares = {share for each in ended if each.albums and each.state in DELIVERED for share in _shares(each)}
        if shares:
            now = time_ns() // 1000
            transaction.run(self._add, [_row(share, now) for share in sorted(shares, key=str)])


class SqlAlbumShares:
    """`philae.pipeline.album_shares.AlbumShares`; one per process, used by all its threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, now: datetime) -> WaitingShare | None:
        row = claim_due(self._database, album_share, now, _WAITS)
        if row is None:
            return None
        share = AlbumShare(row.destination_id, row.album, row.study_instance_uid, row.series_instance_uid)
        return WaitingShare(row.id, share, moment(row.since), row.attempts)

    def shared(self, number: int, now: datetime) -> None:
        self._change(number, shared_at=microseconds(now), reason=None)

    def postpone(self, number: int, until: datetime, reason: str) -> None:
        self._change(number, not_before=microseconds(until), reason=reason)

    def drop(self, number: int) -> None:
        with changed(self._database) as connection:
            connection.execute(sa.delete(album_share).where(album_share.c.id == number))

    def forget(self, before: datetime) -> None:
        with changed(self._database) as connection:
            connection.execute(sa.delete(album_share).where(album_share.c.shared_at < microseconds(before)))

    def _change(self, number: int, **values: int | str | None) -> None:
        with changed(self._database) as connection:
            connection.execute(sa.update(album_share).where(album_share.c.id == number).values(values))


def read_unshared(connection: Connection) -> Mapping[int, tuple[Unshared, ...]]:
    """What still waits, by destination."""
    key = (album_share.c.destination_id, album_share.c.album)
    query = sa.select(*key, sa.func.count(), sa.func.max(album_share.c.reason)).where(_WAITS).group_by(*key)
    found: dict[int, tuple[Unshared, ...]] = {}
    for destination_id, album, count, reason in connection.execute(query.order_by(*key)):
        found[destination_id] = (*found.get(destination_id, ()), Unshared(album, count, reason or ""))
    return found


def _shares(each: Settlement) -> list[AlbumShare]:
    names = each.sent or each.delivery.instance.identifiers
    series = storable(names.study_instance_uid), storable(names.series_instance_uid)
    return [AlbumShare(each.delivery.destination_id, album, *series) for album in each.albums]


def _row(share: AlbumShare, now: int) -> Mapping[str, int | str]:
    return {
        "destination_id": share.destination_id,
        "album": share.album,
        "study_instance_uid": share.study_instance_uid,
        "series_instance_uid": share.series_instance_uid,
        "since": now,
        "not_before": now,
    }
