"""Named parts of the configuration document: read, added, replaced and removed one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from philae.admin.declined import Declined, Missing
from philae.admin.editing import named

if TYPE_CHECKING:
    from collections.abc import Callable

    from philae.admin.editing import Tree


@dataclass(frozen=True, slots=True)
class Items:
    """A list of the document whose items have names."""

    word: str
    """What people call one of them."""
    key: str
    """Where its name stands."""
    of: Callable[[Tree], list[Tree]]
    """The list in a document, which it makes when there is none. Raises `Missing`."""
    apart: tuple[str, ...] = ()
    """Keys of an item that are changed one by one themselves."""

    def all(self, tree: Tree) -> list[Tree]:
        """Every item, without what is apart."""
        return [self._whole(each) for each in self.of(tree)]

    def one(self, tree: Tree, name: str) -> Tree:
        """An item, without what is apart. Raises `Missing`."""
        return self._whole(self._find(tree, name))

    def seen(self, tree: Tree, name: str) -> Tree | None:
        """What must be as it was when somebody changes the item: all of it, None when there is none."""
        return named(self.of(tree), self.key, name)

    def add(self, tree: Tree, item: Tree) -> None:
        """Raises `Declined` when the name is taken."""
        self._check_apart(item)
        name = str(item.get(self.key)).strip()
        if named(self.of(tree), self.key, name) is not None:
            raise Declined(f"there is a {self.word} {name!r} already; take another name, or change that one")
        self.of(tree).append(item)

    def put(self, tree: Tree, name: str, item: Tree) -> None:
        """In the place of the one of this name. Raises `Missing`; `Declined` when that would rename it."""
        self._check_apart(item)
        before, items = self._find(tree, name), self.of(tree)
        if item.get(self.key, name) != name:
            raise Declined(f"{self.word} {name!r} keeps its {self.key}; add another one and remove this")
        kept = {key: before[key] for key in self.apart if key in before}
        items[items.index(before)] = {self.key: name, **item, **kept}

    def remove(self, tree: Tree, name: str) -> None:
        """Raises `Missing`."""
        self.of(tree).remove(self._find(tree, name))

    def _find(self, tree: Tree, name: str) -> Tree:
        found = named(self.of(tree), self.key, name)
        if found is None:
            known = ", ".join(str(each[self.key]) for each in self.of(tree)) or "none"
            raise Missing(f"there is no {self.word} {name!r}; there are: {known}")
        return found

    def _whole(self, item: Tree) -> Tree:
        return {key: value for key, value in item.items() if key not in self.apart}

    def _check_apart(self, item: Tree) -> None:
        for key in self.apart:
            if key in item:
                raise Declined(f"the {key} of a {self.word} are added and changed one by one")


NODES: Final = Items("forward node", "ae_title", lambda tree: _listed(tree, "forward_nodes"), apart=("destinations",))
PROJECTS: Final = Items("project", "name", lambda tree: _listed(tree, "projects"))
TARGETS: Final = Items("target", "name", lambda tree: _listed(tree, "targets"))


def destinations_of(node: str) -> Items:
    """The destinations of a forward node."""

    def of(tree: Tree) -> list[Tree]:
        found = named(NODES.of(tree), NODES.key, node)
        if found is None:
            raise Missing(f"there is no forward node {node!r}")
        return _listed(found, "destinations")

    return Items("destination", "name", of)


def _listed(tree: Tree, key: str) -> list[Tree]:
    found: list[Tree] = tree.setdefault(key, [])
    return found
