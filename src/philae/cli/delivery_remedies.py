"""`philae deliveries release`, `retry` and `discard`: what to do about deliveries that stopped."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from philae.cli.console import print_json, say
from philae.cli.data import DATA
from philae.cli.delivery_filters import DeliveryFilters
from philae.cli.failure import Misuse
from philae.cli.opened import opened
from philae.cli.option_group import takes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.admin.deliveries import Key, Wanted
    from philae.cli.opened import Opened
    from philae.pipeline.outcome import State
    from philae.store.deliveries import SqlDeliveryBook

KEYS = Annotated[list[str] | None, typer.Argument(metavar="DELIVERY", help="As `list` names them.")]
ALL = Annotated[bool, typer.Option("--all", help="Every one, when neither names nor filters are given.")]
JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@takes(DeliveryFilters)
def release(
    deliveries: KEYS = None,
    *,
    options: DeliveryFilters,
    every: ALL = False,
    keep_profile: Annotated[
        bool, typer.Option("--keep-profile", help="Under the profile of their acceptance, not the newest.")
    ] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Let held deliveries go again, under the newest version of their profile."""
    from philae.pipeline.outcome import State

    with opened(data) as gateway:
        meant = _meant(deliveries, options, every=every)
        count = _requeue(gateway, meant, State.HELD, newest=not keep_profile)
        _done(gateway, "released", count, options, as_json=as_json)


@takes(DeliveryFilters)
def retry(
    deliveries: KEYS = None,
    *,
    options: DeliveryFilters,
    every: ALL = False,
    newest_profile: Annotated[
        bool, typer.Option("--newest-profile", help="Under the newest profile, not that of their acceptance.")
    ] = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Try failed deliveries again; the receiver gets the same bytes."""
    from philae.pipeline.outcome import State

    with opened(data) as gateway:
        meant = _meant(deliveries, options, every=every)
        count = _requeue(gateway, meant, State.FAILED, newest=newest_profile)
        _done(gateway, "retried", count, options, as_json=as_json)


@takes(DeliveryFilters)
def discard(
    deliveries: KEYS = None,
    *,
    options: DeliveryFilters,
    reason: Annotated[str, typer.Option(help="Why; it is recorded with who did it.")],
    every: ALL = False,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Give held and failed deliveries up for good; the gateway's copy goes when nothing else needs it."""
    from philae.admin import deliveries_remedy
    from philae.store.remedying import SqlRemedies

    with opened(data) as gateway:
        meant = _meant(deliveries, options, every=every)
        remedies = SqlRemedies(gateway.database)
        count = deliveries_remedy.discard(book_of(gateway), remedies, meant, reason, gateway.actor)
        _done(gateway, "discarded", count, options, as_json=as_json)


def book_of(gateway: Opened) -> SqlDeliveryBook:
    """Where its deliveries are looked up."""
    from philae.store.deliveries import SqlDeliveryBook

    return SqlDeliveryBook(gateway.database)


def note(gateway: Opened, action: str, subject: str, after: str = "") -> None:
    """Add to the audit trail who did what to which deliveries."""
    from philae.admin.audit import Event
    from philae.store.audit import SqlAuditTrail

    SqlAuditTrail(gateway.database).record(Event(datetime.now(UTC), gateway.actor, action, subject, after=after))


def _meant(names: Sequence[str] | None, options: DeliveryFilters, *, every: bool) -> Wanted | Sequence[Key]:
    """Nobody touches every delivery by leaving something out. Raises `Misuse`."""
    from philae.admin.deliveries import Key

    if sum((bool(names), bool(options.given), every)) != 1:
        raise Misuse("name the deliveries, or give filters such as --destination, or --all")
    return [Key.parse(name) for name in names] if names else options.wanted()


def _requeue(gateway: Opened, meant: Wanted | Sequence[Key], stopped: State, *, newest: bool) -> int:
    from philae.admin.deliveries_remedy import requeue
    from philae.store.remedying import SqlRemedies

    version = gateway.configurations.current().version if newest else None
    return requeue(book_of(gateway), SqlRemedies(gateway.database), meant, stopped, version)


def _done(gateway: Opened, verb: str, count: int, options: DeliveryFilters, *, as_json: bool) -> None:
    """Audit it, wake the lanes and tell."""
    note(gateway, f"deliveries.{verb}", options.words, f"{count} deliveries")
    gateway.ring()
    if as_json:
        print_json({verb: count})
    else:
        say(f"{count} deliveries {verb}")


COMMANDS: Final = (release, retry, discard)
