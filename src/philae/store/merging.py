"""Runs that indices have in order, read as one without reading them to their ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Sequence


def merged(
    runs: Sequence[sa.Select[Any]], order: Sequence[sa.ColumnElement[Any]], *, is_sqlite: bool
) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """All ``runs`` in this order of columns by their place; no more than ``:most`` rows may be asked for.

    SQLite reads them side by side, and no part of a union may have an order there. PostgreSQL would sort them as a
    whole, parallel workers and all, unless each says its order and how little of it can matter.
    """
    if len(runs) == 1:
        return runs[0].order_by(*order)
    parts = runs if is_sqlite else [run.order_by(*order).limit(sa.bindparam("most")) for run in runs]
    return sa.union_all(*parts).order_by(*order)
