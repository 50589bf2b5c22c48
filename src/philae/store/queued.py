"""Which destinations something is queued for, found without reading how much."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from philae.pipeline.outcome import State
from philae.store.tables.deliveries import delivery


def queued_destinations() -> sa.Select[Any]:
    """Their ids, one step in the index for each."""
    is_queued = delivery.c.state == sa.literal_column(str(int(State.QUEUED)))
    lowest = sa.select(sa.func.min(delivery.c.destination_id).label("id")).where(is_queued)
    found = lowest.cte("found", recursive=True)
    following = lowest.where(delivery.c.destination_id > found.c.id).correlate(found).scalar_subquery()
    found = found.union_all(sa.select(following).where(found.c.id.is_not(None)))
    return sa.select(found.c.id).where(found.c.id.is_not(None))
