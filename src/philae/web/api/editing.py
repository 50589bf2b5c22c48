"""How calls change the configuration: under whose name, and over which version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Header, Response

from philae.admin.editing import Change, Desk, Tree, tree_of
from philae.admin.items import Items
from philae.config.configuration import Configuration
from philae.web.auth import Caller, Reached, allowed

_ANY: Final = "*"
Configurer = Annotated[Caller, Depends(allowed("configure"))]


@dataclass(frozen=True, slots=True)
class Editor:
    """One call that changes something; the answer's ``ETag`` becomes the version that came of it."""

    desk: Desk
    caller: Caller
    seen: int | None
    """The version that the caller had before his eyes, if he says so by ``If-Match``."""
    response: Response

    def add(self, items: Items, item: Tree, within: str = "") -> Tree:
        """The item as the document has it then. ``within`` stands before its name in the audit trail."""
        name = str(item.get(items.key, "")).strip()
        change = self._change(f"{items.word}.created", f"{within}{name}")
        after = self.desk.change(change, lambda tree: items.add(tree, item), lambda _: None)
        return self._written(items, name, after)

    def put(self, items: Items, name: str, item: Tree, within: str = "") -> Tree:
        """The item as the document has it then."""
        change = self._change(f"{items.word}.changed", f"{within}{name}")
        after = self.desk.change(change, lambda tree: items.put(tree, name, item), lambda tree: items.seen(tree, name))
        return self._written(items, name, after)

    def remove(
        self, items: Items, name: str, within: str = "", remove: Callable[[Tree, str], None] | None = None
    ) -> None:
        """By ``remove`` if there is more to it."""
        change = self._change(f"{items.word}.deleted", f"{within}{name}")
        take_out = remove or items.remove
        self._tagged(self.desk.change(change, lambda tree: take_out(tree, name), lambda tree: items.seen(tree, name)))

    def adopt(self, action: str, subject: str, make: Callable[[Configuration], Configuration]) -> Configuration:
        """What is current then."""
        return self._tagged(self.desk.adopt(self._change(action, subject), make))

    def replace(self, text: str) -> Configuration:
        """The same for a whole document."""
        return self._tagged(self.desk.replace(self._change("configuration.applied", ""), text))

    def _change(self, action: str, subject: str) -> Change:
        return Change(self.caller.actor, action.replace(" ", "-"), subject, self.seen)

    def _written(self, items: Items, name: str, after: Configuration) -> Tree:
        return items.one(tree_of(self._tagged(after)), name)

    def _tagged(self, after: Configuration) -> Configuration:
        self.response.headers["ETag"] = tag_of(after)
        return after


def _seen(
    if_match: Annotated[
        str,
        Header(
            pattern=r'^(\*|"[0-9]{1,9}")$',
            description="The `ETag` that came with what is changed: 412 if somebody else has changed it since",
        ),
    ] = _ANY,
) -> int | None:
    return int(if_match.strip('"')) if if_match != _ANY else None


def _editor(
    gateway: Reached, caller: Configurer, seen: Annotated[int | None, Depends(_seen)], response: Response
) -> Editor:
    return Editor(gateway.desk, caller, seen, response)


Editing = Annotated[Editor, Depends(_editor)]


def _current(gateway: Reached, response: Response) -> Configuration:
    found = gateway.configurations.current()
    response.headers["ETag"] = tag_of(found)
    return found


Current = Annotated[Configuration, Depends(_current)]
"""The configuration as it is; the answer's ``ETag`` is its version."""


def tag_of(configuration: Configuration) -> str:
    """The ETag of everything in this version."""
    return f'"{configuration.version}"'
