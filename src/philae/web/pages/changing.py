"""How pages change the configuration: with the version that was seen, and faults at the fields that they concern."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from fastapi import Request

from philae.admin.declined import Declined
from philae.admin.editing import Change, ChangedMeanwhile, Desk, Tree, named
from philae.config.document import DocumentFaults
from philae.web.problems import Problem

if TYPE_CHECKING:
    from philae.config.model import Configuration
    from philae.web.gateway import Gateway
    from philae.web.pages.page import Page

Edit = Callable[[Tree], None]
Part = Callable[[Tree], object]
_LARGEST_FORM: Final = 2000
_INDEX: Final = re.compile(r"\[[^\]]*\]")


class Faulty(Exception):
    """What was typed cannot be applied: words by the name of the control, those of no control under an empty name."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = faults


async def sent_form(request: Request) -> dict[str, str]:
    """Every control of the form that was sent, by name."""
    form = await request.form(max_files=0, max_fields=_LARGEST_FORM)
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def ticked_boxes(request: Request) -> list[str]:
    """The deliveries that were ticked in the form."""
    form = await request.form(max_files=0, max_fields=_LARGEST_FORM)
    return [each for each in form.getlist("delivery") if isinstance(each, str)]


def desk_of(gateway: Gateway) -> Desk:
    """Where the gateway's configuration is changed."""
    return Desk(gateway.configurations, gateway.audit, gateway.bell, gateway.read_document)


def change(
    page: Page,
    sent: Mapping[str, str],
    told: tuple[str, str],
    edit: Edit,
    part: Part,
) -> Configuration:
    """Apply ``edit``, told as (action, subject) in the audit trail. Raises `Faulty`, `Problem` 409."""
    return _applied(lambda: desk_of(page.gateway).change(_change(page, sent, told), edit, part))


def adopt(
    page: Page, sent: Mapping[str, str], told: tuple[str, str], make: Callable[[Configuration], Configuration]
) -> Configuration:
    """The same for what the use cases make. Raises `Faulty`, `Problem` 409."""
    return _applied(lambda: desk_of(page.gateway).adopt(_change(page, sent, told), make))


def replace(page: Page, sent: Mapping[str, str], told: tuple[str, str], text: str) -> Configuration:
    """The same for a whole document. Raises `DocumentFaults`, `Problem` 409."""
    return _in_time(lambda: desk_of(page.gateway).replace(_change(page, sent, told), text))


def node_tree(tree: Tree, ae_title: str) -> Tree:
    """A forward node of the document. Raises `Problem` 404."""
    node = named(tree.get("forward_nodes", []), "ae_title", ae_title)
    if node is None:
        raise Problem(404, f"There is no forward node {ae_title}")
    return node


def _change(page: Page, sent: Mapping[str, str], told: tuple[str, str]) -> Change:
    seen = sent.get("version", "")
    return Change(page.caller.actor, *told, seen=int(seen) if seen.isdecimal() and len(seen) < 10 else -1)


def _applied(apply: Callable[[], Configuration]) -> Configuration:
    try:
        return _in_time(apply)
    except DocumentFaults as error:
        raise Faulty({_control(each.path): each.message for each in reversed(error.faults)}) from error
    except Declined as declined:
        raise Faulty({"": str(declined)}) from declined


def _in_time(apply: Callable[[], Configuration]) -> Configuration:
    try:
        return apply()
    except ChangedMeanwhile:
        raise Problem(
            409,
            "Somebody else changed this meanwhile",
            "Nothing was changed. Go back to copy what you typed, then open the page anew and type it again.",
        ) from None


def _control(path: str) -> str:
    """The control's name for a place in the document: what follows the last item of a list."""
    steps = _INDEX.split(path)
    return (steps[-1] or (steps[-2] if len(steps) > 1 else "")).removeprefix(".").removeprefix("settings.")
