"""The form of the profile builder as it was sent, and what each of its buttons makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from philae.web.forms.profile_draft import Draft, draft_from
from philae.web.forms.profile_fields import DEVICE, ELEMENTS, MASKS, OFFERED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STEPS: Final = ("up", "down", "copy", "delete")
_ANY_STATION: Final = {"stationName": "*"}


@dataclass(frozen=True, slots=True)
class Bench:
    """What the builder shows: a draft, and the items in it that stand open, such as ``profileElements.2``."""

    draft: Draft
    opened: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BuilderForm:
    """Its controls, and the numbers of its elements and masks in the order that they stand in now."""

    values: Mapping[str, str]
    orders: Mapping[str, Sequence[str]]

    @property
    def bench(self) -> Bench:
        """As it was sent, numbered anew."""
        elements, masks = ([f"{kind}.{number}" for number in self.orders[kind]] for kind in (ELEMENTS, MASKS))
        opened = {
            f"{kind}.{place}"
            for kind in (ELEMENTS, MASKS)
            for place, number in enumerate(self.orders[kind])
            if self.values.get(f"{kind}.{number}.open") == "on"
        }
        return Bench(draft_from(self.values, elements, masks), frozenset(opened))

    def after(self, act: str) -> Bench:
        """What a button makes of it: ``add:masks``, ``up:profileElements.2``; anything else changes nothing."""
        word, _, argument = act.partition(":")
        if word == "add":
            return self._with_new(argument)
        kind, _, number = argument.rpartition(".")
        if word in STEPS and number in self.orders.get(kind, ()):
            return self._moved(word, kind, self.orders[kind].index(number))
        return self.bench

    def _with_new(self, kind: str) -> Bench:
        bench, item = self.bench, self._new(kind)
        if item is None:
            return bench
        draft = bench.draft.with_item(kind, item)
        at = next(place for place, each in enumerate(draft.items(kind)) if each is item)
        behind = {each for each in bench.opened if each.startswith(f"{kind}.") and int(each.rpartition(".")[2]) >= at}
        moved = {f"{kind}.{int(each.rpartition('.')[2]) + 1}" for each in behind}
        return Bench(draft, (bench.opened - behind) | moved | {f"{kind}.{at}"})

    def _new(self, kind: str) -> dict[str, Any] | None:
        if kind == MASKS:
            sampled = {key: text for key in DEVICE if (text := self.values.get(f"sample.{key}", "").strip())}
            return {**_ANY_STATION, **sampled}
        codename = self.values.get("codename", "")
        return {"name": OFFERED[codename], "codename": codename} if codename in OFFERED else None

    def _moved(self, word: str, kind: str, at: int) -> Bench:
        bench = self.bench
        items = [(item, f"{kind}.{place}" in bench.opened) for place, item in enumerate(bench.draft.items(kind))]
        _step(items, word, at)
        opened = {f"{kind}.{place}" for place, (_, is_open) in enumerate(items) if is_open}
        others = {each for each in bench.opened if not each.startswith(f"{kind}.")}
        return Bench(bench.draft.with_items(kind, [item for item, _ in items]), frozenset(opened | others))


def _step(items: list[tuple[dict[str, Any], bool]], word: str, at: int) -> None:
    other = {"up": at - 1, "down": at + 1}.get(word, at)
    if word == "delete":
        del items[at]
    elif word == "copy":
        items.insert(at + 1, items[at])
    elif 0 <= other < len(items):
        items[at], items[other] = items[other], items[at]
