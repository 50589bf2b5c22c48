"""How pages change the configuration: with the version that was seen, and faults at the fields that they concern."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from fastapi import Request

from philae.admin.declined import ChangedMeanwhile, Declined
from philae.admin.editing import Change, Tree, named
from philae.config.document import DocumentFaults
from philae.web.problems import Problem

if TYPE_CHECKING:
    from philae.config.configuration import Configuration
    from philae.web.pages.page import Page

Edit = Callable[[Tree], None]
Part = Callable[[Tree], object]
_LARGEST_FORM: Final = 2000
_TOO_MANY_DIGITS: Final = 19
_FORMS: Final = re.compile(
    r"^(forward_nodes\[\d+\]\.(destinations|sources)|forward_nodes|projects|targets|web_services\.authentications)\[\d+\]\.?"
)
"""What in a document a form is for."""
_INDEX: Final = re.compile(r"\[(\d+)\]")
_LAST_INDEX: Final = re.compile(r"\[\d+\]$")


class Faulty(Exception):
    """What was typed cannot be applied: words by the name of the control, those of no control under an empty name."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = faults


async def sent_form(request: Request) -> dict[str, str]:
    """Every control of the form that was sent, by name."""
    form = await request.form(max_files=0, max_fields=_LARGEST_FORM)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def ticked(control: str) -> Callable[[Request], Awaitable[list[str]]]:
    """A dependency: what was ticked in the form, of the boxes with this name."""

    async def values_ticked(request: Request) -> list[str]:
        form = await request.form(max_files=0, max_fields=_LARGEST_FORM)
        return [each for each in form.getlist(control) if isinstance(each, str)]

    return values_ticked


def numbers_of(texts: Iterable[str]) -> list[int]:
    """Those that can be the number of a row."""
    return [int(each) for each in texts if each.isascii() and each.isdecimal() and len(each) < _TOO_MANY_DIGITS]


ticked_boxes: Final = ticked("delivery")
"""The deliveries that were ticked."""


def change(
    page: Page,
    sent: Mapping[str, str],
    told: tuple[str, str],
    edit: Edit,
    part: Part,
) -> Configuration:
    """Apply ``edit``, told as (action, subject) in the audit trail. Raises `Faulty`, `Problem` 409."""
    return _applied(lambda: page.gateway.desk.change(_change(page, sent, told), edit, part))


def adopt(
    page: Page, sent: Mapping[str, str], told: tuple[str, str], make: Callable[[Configuration], Configuration]
) -> Configuration:
    """The same for what the use cases make. Raises `Faulty`, `Problem` 409."""
    return _applied(lambda: page.gateway.desk.adopt(_change(page, sent, told), make))


def replace(page: Page, sent: Mapping[str, str], told: tuple[str, str], text: str) -> Configuration:
    """The same for a whole document. Raises `DocumentFaults`, `Problem` 409."""
    return _in_time(lambda: page.gateway.desk.replace(_change(page, sent, told), text))


def conflict() -> Problem:
    """What is told to who was not the first to change something."""
    return Problem(
        409,
        "Somebody else changed this meanwhile",
        "Nothing was changed. Go back to copy what you typed, then open the page anew and type it again.",
    )


def node_tree(tree: Tree, ae_title: str) -> Tree:
    """A forward node of the document. Raises `Problem` 404."""
    node = named(tree.get("forward_nodes", []), "ae_title", ae_title)
    if node is None:
        raise Problem(404, f"There is no forward node {ae_title}")
    return node


def _change(page: Page, sent: Mapping[str, str], told: tuple[str, str]) -> Change:
    """Raises `Faulty`, without any fault, for what is only to be shown again."""
    if page.is_draft:
        raise Faulty({})
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
        raise conflict() from None


def _control(path: str) -> str:
    """The control's name for a place in the document: the way to it from what the form is for."""
    inner = _INDEX.sub(r".\1", _LAST_INDEX.sub("", _FORMS.sub("", path, count=1)))
    return inner.removeprefix("settings.")
