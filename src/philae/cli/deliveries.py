"""`philae deliveries`: what became of every instance, and what to do about what stopped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from philae.cli.console import print_json, say
from philae.cli.data import DATA
from philae.cli.delivery_filters import DeliveryFilters
from philae.cli.delivery_remedies import COMMANDS, book_of, note
from philae.cli.opened import opened
from philae.cli.option_group import takes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.admin.deliveries import Facts

group = typer.Typer(help="Find deliveries; release, retry or discard what stopped.", no_args_is_help=True)

JSON = Annotated[bool, typer.Option("--json", help="Print JSON; it holds patients' identifiers.")]

for command in COMMANDS:
    group.command(command.__name__)(command)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="deliveries")


@group.command("list")
@takes(DeliveryFilters)
def list_deliveries(
    *,
    options: DeliveryFilters,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Deliveries at most.")] = 50,
    after: Annotated[str, typer.Option(metavar="DELIVERY", help="Only those older than this one.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Print deliveries, newest first."""
    from philae.admin.deliveries import MOST_COUNTED, Key, page_of

    wanted = options.wanted()
    with opened(data) as gateway:
        book = book_of(gateway)
        page = page_of(book, wanted, Key.parse(after) if after else None, limit)
        count = book.count(wanted, MOST_COUNTED)
        if as_json:
            note(gateway, "deliveries.list", options.words)
    if as_json:
        following = str(page.after) if page.after else None
        print_json({"deliveries": [_document(each) for each in page.deliveries], "after": following})
        return
    _print_table(page.deliveries)
    more = f"; more with --after {page.after}" if page.after else ""
    sys.stderr.write(f"{count}{'+' if count == MOST_COUNTED else ''} deliveries{more}\n")


@group.command("show")
def show(
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="As `list` names it.")],
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Print everything that is known of one delivery, and what to do about it; the audit trail notes it."""
    from philae.admin.declined import Declined
    from philae.admin.deliveries import Key
    from philae.admin.deliveries_remedy import next_step
    from philae.admin.deliveries_rules import RuleBook

    with opened(data) as gateway:
        found = book_of(gateway).one(Key.parse(delivery))
        if found is None:
            raise Declined(f"there is no delivery {delivery}; see `philae deliveries list`")
        rules = RuleBook(gateway.configurations).rules_of(found.config_version, found.destination_id)
        note(gateway, "deliveries.show", delivery)
    applied = {"project": rules.project, "profile": rules.profile, "rules": rules.digest}
    document = {**_document(found), **applied, "next_step": next_step(found)}
    if as_json:
        print_json(document)
        return
    width = max(map(len, document))
    for name, value in document.items():
        if value not in ("", None):
            say(f"{name.replace('_', ' '):{width}}  {value}")


@group.command("export")
@takes(DeliveryFilters)
def export(
    *,
    options: DeliveryFilters,
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Standard output otherwise.", dir_okay=False)] = None,
    delimiter: Annotated[str, typer.Option(help="Between fields: one character, or tab.")] = ",",
    quote: Annotated[str, typer.Option(help="Around fields that need it: one character.")] = '"',
    data: DATA = None,
) -> None:
    """Write deliveries with their identifiers as CSV, newest first; the audit trail notes it."""
    from philae.admin.deliveries import every_row
    from philae.admin.deliveries_csv import csv_of
    from philae.admin.deliveries_rules import RuleBook

    wanted = options.wanted()
    with opened(data) as gateway:
        rule_book = RuleBook(gateway.configurations)
        separator = "\t" if delimiter == "tab" else delimiter
        blocks = csv_of(every_row(book_of(gateway), wanted), rule_book, separator, quote)
        heading = next(blocks)
        note(gateway, "deliveries.export", options.words)
        if to is None:
            sys.stdout.writelines([heading])
            sys.stdout.writelines(blocks)
            return
        with to.open("w", encoding="utf-8", newline="") as file:
            file.writelines([heading])
            file.writelines(blocks)


def _document(found: Facts) -> dict[str, Any]:
    moments = {name: getattr(found, name) for name in ("received_at", "changed_at", "not_before")}
    return {
        "delivery": str(found.key),
        **found._asdict(),
        **{name: value.isoformat() if value else None for name, value in moments.items()},
        "state": found.state.name.lower(),
    }


def _print_table(found: Sequence[Facts]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("delivery", "arrived", "node", "destination", "state", "code", "reason", box=None)
    for each in found:
        arrived = each.received_at.astimezone().isoformat(" ", "seconds")
        state = each.state.name.lower()
        table.add_row(str(each.key), arrived, each.node, each.destination, state, each.code, each.reason)
    Console(markup=False, width=max(160, Console().width)).print(table)
