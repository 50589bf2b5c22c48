"""The statements that look for deliveries, each answered in the order of an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from philae.pipeline.outcome import DELIVERED, State
from philae.store.merging import merged
from philae.store.tables.configuration import destination
from philae.store.tables.deliveries import ENDED, delivery
from philae.store.tables.instances import SLOTS, instance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.sql.base import ReadOnlyColumnCollection

MOST_RUNS: Final = 400
"""SQLite takes no more than 500 parts of a compound statement."""
IDENTIFIERS: Final = ("sop_instance_uid", "series_instance_uid", "study_instance_uid", "patient_id")
"""The most telling first: it leads the search, the others are looked at in what it finds."""
_SENT: Final = ("patient_id", "accession_number", "study_instance_uid", "series_instance_uid", "sop_instance_uid")
_KEY: Final = (delivery.c.instance_id, delivery.c.destination_id)
_NEWEST_FIRST: Final[tuple[sa.UnaryExpression[int], ...]] = (
    sa.literal_column("1").desc(),
    sa.literal_column("2").desc(),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a search asks about: searches of one shape share their statement.

    The values are bound: ``first``, ``last`` and ``last_destination`` (dates, and keys below the last page's),
    ``most``, ``code``, each identifier by its name, ``key_0``, ``key_1`` ... for the SOP Instance UID.
    """

    identifiers: tuple[str, ...] = ()
    keys: int = 0
    """At how many forward nodes a SOP Instance UID is looked for."""
    states: tuple[int, ...] = ()
    destinations: tuple[int, ...] = ()
    runs: tuple[tuple[int, int], ...] = ()
    """The pairs of destination and state that anything was ever in, where nothing better leads the search."""
    has_code: bool = False
    on_sqlite: bool = True


def select_facts(shape: Shape) -> sa.Select[Any]:
    """The columns of `philae.admin.deliveries.Facts`, of the newest; in no order: the database sorts wide rows slowly."""
    return _facts(_keys(shape).limit(sa.bindparam("most")).subquery("found"))


def select_count(shape: Shape) -> sa.Select[Any]:
    """How many there are, up to ``most``."""
    return sa.select(sa.func.count()).select_from(_keys(shape).limit(sa.bindparam("most")).subquery("found"))


def select_one() -> sa.Select[Any]:
    """The columns of `Facts` of the delivery ``at_instance``, ``at_destination``."""
    at = (
        delivery.c.instance_id == sa.bindparam("at_instance"),
        delivery.c.destination_id == sa.bindparam("at_destination"),
    )
    return _facts(sa.select(*_KEY).where(*at).subquery("found"))


def _keys(shape: Shape) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    if shape.identifiers:
        by_original = _of_original(shape)
        by_sent = _of_sent(shape)
        return sa.union(*(sa.select(each.subquery()) for each in (by_original, by_sent))).order_by(*_NEWEST_FIRST)
    if shape.runs and _parts(shape) <= MOST_RUNS:
        runs = [run for pair in shape.runs for run in _run(shape, *pair)]
        return merged(runs, _NEWEST_FIRST, is_sqlite=shape.on_sqlite)
    return sa.select(*_KEY).where(*_conditions(shape)).order_by(*_NEWEST_FIRST)


def _of_original(shape: Shape) -> sa.Select[Any]:
    """Led by the index on an identifier as it came."""
    leading = shape.identifiers[0]
    lead = [instance.c[leading] == sa.bindparam(leading)]
    if leading == "sop_instance_uid":
        keys: list[sa.BindParameter[int]] = [sa.bindparam(f"key_{number}") for number in range(shape.keys)]
        lead.append(instance.c.uid_key.in_(keys) if keys else sa.false())
    joined = instance.join(delivery, delivery.c.instance_id == instance.c.id)
    wanted = sa.select(*_KEY).select_from(joined).where(*lead, *_conditions(shape), *_others(shape))
    return wanted.order_by(instance.c.id.desc(), delivery.c.destination_id.desc()).limit(sa.bindparam("most"))


def _of_sent(shape: Shape) -> sa.Select[Any]:
    """Led by the index on an identifier as it left."""
    leading = shape.identifiers[0]
    joined = delivery.join(instance, delivery.c.instance_id == instance.c.id) if shape.identifiers[1:] else delivery
    lead = delivery.c[f"sent_{leading}"] == sa.bindparam(leading)
    wanted = sa.select(*_KEY).select_from(joined).where(lead, *_conditions(shape), *_others(shape))
    return wanted.order_by(delivery.c.instance_id.desc(), delivery.c.destination_id.desc()).limit(sa.bindparam("most"))


def _others(shape: Shape) -> Iterator[sa.ColumnElement[bool]]:
    for name in shape.identifiers[1:]:
        value: sa.BindParameter[str] = sa.bindparam(name)
        yield sa.or_(instance.c[name] == value, delivery.c[f"sent_{name}"] == value)


def _run(shape: Shape, destination_id: int, state: int) -> Iterator[sa.Select[Any]]:
    """What is in one state at one destination: as many runs in order of acceptance as its index has."""
    there = [delivery.c.destination_id == _literal(destination_id), delivery.c.state == _literal(state)]
    if state == State.SENDING:
        yield _in_hand(shape, there)
        return
    there += _within(shape, delivery.c)
    if state == State.QUEUED:
        for slot in range(SLOTS):
            yield sa.select(*_KEY).where(*there, delivery.c.slot == _literal(slot))
    else:
        yield sa.select(*_KEY).where(*there, ENDED)


def _in_hand(shape: Shape, there: Sequence[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    """Few, from an index in another order: found as a whole first, or the planner would walk the whole table."""
    is_sending = delivery.c.worker > sa.literal_column("''")
    every = sa.select(*_KEY, delivery.c.code).where(*there, is_sending).offset(0).subquery()
    return sa.select(every.c.instance_id, every.c.destination_id).where(*_within(shape, every.c))


def _parts(shape: Shape) -> int:
    return sum(SLOTS if state == State.QUEUED else 1 for _, state in shape.runs)


def _conditions(shape: Shape) -> list[sa.ColumnElement[bool]]:
    conditions = _within(shape, delivery.c)
    if shape.states:
        conditions.append(delivery.c.state.in_(map(_literal, shape.states)))
    if shape.destinations:
        conditions.append(delivery.c.destination_id.in_(map(_literal, shape.destinations)))
    return conditions


def _within(shape: Shape, of: ReadOnlyColumnCollection[str, Any]) -> list[sa.ColumnElement[bool]]:
    last: sa.BindParameter[int] = sa.bindparam("last")
    conditions: list[sa.ColumnElement[bool]] = [
        of.instance_id.between(sa.bindparam("first"), last),
        sa.or_(of.instance_id < last, of.destination_id < sa.bindparam("last_destination")),
    ]
    if shape.has_code:
        conditions.append(of.code == sa.bindparam("code"))
    return conditions


def _literal(number: int) -> sa.ColumnElement[int]:
    """A number that the planner of the database sees: an index over some states is used only then."""
    return sa.literal_column(str(int(number)), sa.Integer())


def _facts(found: sa.Subquery) -> sa.Select[Any]:
    at = sa.and_(delivery.c.instance_id == found.c.instance_id, delivery.c.destination_id == found.c.destination_id)
    return (
        sa.select(*_COLUMNS)
        .select_from(found)
        .join(delivery, at)
        .join(instance, instance.c.id == found.c.instance_id)
        .outerjoin(destination, destination.c.id == found.c.destination_id)
    )


def _or_empty(column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    return sa.func.coalesce(column, sa.literal_column("''"))


def _as_sent(name: str) -> sa.ColumnElement[str]:
    was_delivered = delivery.c.state.in_([_literal(state) for state in sorted(DELIVERED)])
    value = sa.func.coalesce(delivery.c[f"sent_{name}"], instance.c[name])
    return sa.case((was_delivered, value), else_=sa.literal_column("''"))


_COLUMNS: Final = (
    *_KEY,
    instance.c.received_at,
    delivery.c.changed_at,
    delivery.c.not_before,
    delivery.c.attempts,
    instance.c.size,
    delivery.c.config_version,
    delivery.c.state,
    _or_empty(delivery.c.code),
    _or_empty(delivery.c.detail),
    instance.c.node,
    _or_empty(destination.c.name),
    instance.c.calling_ae_title,
    instance.c.peer_host,
    instance.c.modality,
    instance.c.sop_class_uid,
    instance.c.transfer_syntax_uid,
    instance.c.patient_id,
    instance.c.issuer_of_patient_id,
    instance.c.accession_number,
    instance.c.study_instance_uid,
    instance.c.series_instance_uid,
    instance.c.sop_instance_uid,
    *map(_as_sent, _SENT),
)
"""In the order of the fields of `Facts`."""
