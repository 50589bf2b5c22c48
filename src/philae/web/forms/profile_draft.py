"""A profile while somebody builds it: what the form says, whether it makes sense or not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from philae.deid.confidentiality.options import option_names
from philae.deid.errors import Fault, ProfileFaults
from philae.deid.profile_file import document_of, dump_document, load_profile
from philae.deid.profile_rules import RULES
from philae.web.forms.profile_faults import place_of
from philae.web.forms.profile_fields import ELEMENTS, EVEN_EMPTY, MASKS, fields_of_element, fields_of_mask
from philae.web.forms.values import Values, tree_from, values_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from philae.deid.profile import Profile
    from philae.web.forms.fields import Field

Item = dict[str, Any]
HEADING: Final = {"name": "profile_name", "version": "profile_version", "minimumKarnakVersion": "profile_minimum"}
"""Keys of a profile, and the controls that they have."""
_IN_LIST: Final = re.compile(r"\[\d+\]$")
_BASIC: Final = "basic.dicom.profile"


@dataclass(frozen=True, slots=True)
class Draft:
    """The profile as its document would have it."""

    heading: Mapping[str, str]
    elements: tuple[Item, ...] = ()
    masks: tuple[Item, ...] = ()

    @property
    def text(self) -> str:
        """As YAML."""
        return dump_document({**self.heading, ELEMENTS: list(self.elements), MASKS: list(self.masks)})

    @property
    def values(self) -> Values:
        """What the controls of its form show."""
        values = {control: self.heading.get(key, "") for key, control in HEADING.items()}
        for number, element in enumerate(self.elements):
            values |= values_from(element_fields(element, number), element)
        for number, mask in enumerate(self.masks):
            values |= values_from(mask_fields(number), mask)
        return values

    def faults(self) -> tuple[Fault, ...]:
        """Everything that keeps it from being a profile."""
        try:
            load_profile(self.text)
        except ProfileFaults as error:
            return error.faults
        return ()

    def with_item(self, kind: str, item: Item) -> Draft:
        """At the end, but before the Basic Profile that stands there: what follows it has nothing left to do."""
        items = list(self.items(kind))
        is_before_basic = bool(items) and items[-1].get("codename") == _BASIC
        items.insert(len(items) - is_before_basic, item)
        return self.with_items(kind, items)

    def items(self, kind: str) -> tuple[Item, ...]:
        """The elements or the masks."""
        return self.elements if kind == ELEMENTS else self.masks

    def with_items(self, kind: str, items: Sequence[Item]) -> Draft:
        """Others in their place."""
        return replace(self, elements=tuple(items)) if kind == ELEMENTS else replace(self, masks=tuple(items))


def draft_of(profile: Profile) -> Draft:
    """To begin with a profile that there is."""
    document = document_of(profile)
    heading = {key: str(document[key]) for key in HEADING if document.get(key)}
    elements = [dict(each) for each in document.get(ELEMENTS, [])]
    for each in elements:
        if "options" in each.get("arguments", {}):
            each["arguments"] = {**each["arguments"], "options": list(option_names(each["arguments"]["options"]))}
    return Draft(heading, tuple(elements), tuple(document.get(MASKS, [])))


def draft_from(values: Mapping[str, str], elements: Sequence[str], masks: Sequence[str]) -> Draft:
    """What a form says; ``elements`` and ``masks`` are the prefixes of their controls, in their order."""
    heading = {key: text for key, control in HEADING.items() if (text := values.get(control, "").strip())}
    return Draft(
        heading,
        tuple(_element(values, prefix) for prefix in elements),
        tuple({"stationName": "", **tree_from(fields_of_mask(prefix), values)} for prefix in masks),
    )


def element_fields(element: Item, number: int) -> tuple[Field, ...]:
    """The form of an element of a draft."""
    return fields_of_element(element.get("codename", ""), f"{ELEMENTS}.{number}")


def mask_fields(number: int) -> tuple[Field, ...]:
    """The form of a mask of a draft."""
    return fields_of_mask(f"{MASKS}.{number}")


def control_of(fault: Fault) -> str:
    """The control that a fault concerns; empty where it is none."""
    place = place_of(fault)
    key = _IN_LIST.sub("", place.key)
    return f"{place.list}.{place.index}.{key}" if place.list else HEADING.get(key, "")


def _element(values: Mapping[str, str], prefix: str) -> Item:
    codename = values.get(f"{prefix}.codename", "")
    tree = tree_from(fields_of_element(codename, prefix), values)
    rule = RULES.get(codename)
    empty = {name: "" for name in EVEN_EMPTY if rule and name in rule.arguments}
    if rule and empty:
        given = empty | tree.get("arguments", {})
        tree["arguments"] = {name: given[name] for name in rule.arguments if name in given}
    return {"name": tree.pop("name", ""), "codename": codename, **tree}
