"""The options of the Basic Profile as a profile names them, and what they make of a row's codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.dicom.standard.confidentiality import Option

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EDITIONS: Final = ("2026d",)
OPTION_NAMES: Final = tuple(option.value for option in Option)
_DATES: Final = frozenset({Option.RETAIN_LONGITUDINAL_FULL_DATES, Option.RETAIN_LONGITUDINAL_MODIFIED_DATES})


def option_names(text: str) -> tuple[str, ...]:
    """The names in an ``options`` argument: separated by commas, perhaps in square brackets."""
    names = text.strip().removeprefix("[").removesuffix("]").split(",")
    return tuple(name.strip() for name in names if name.strip())


def are_contradictory(names: Iterable[str]) -> bool:
    """Whether both full and modified dates are to be retained: a moved date beside a true one tells the shift."""
    return set(names) >= _DATES


def parse_options(text: str) -> frozenset[Option]:
    """The options an argument names. Raises `ValueError` for an unknown name or a contradiction."""
    names = option_names(text)
    if are_contradictory(names):
        raise ValueError("dates cannot be retained both in full and modified; choose one of the two options")
    unknown = [name for name in names if name not in OPTION_NAMES]
    if unknown:
        raise ValueError(f"there is no option {unknown[0]!r}; use some of {', '.join(OPTION_NAMES)}")
    return frozenset(map(Option, names))


def code_of(basic: str, given: Mapping[Option, str], chosen: frozenset[Option]) -> str:
    """The code that holds for a row: ``C`` if an option in force cleans, else ``K`` if one keeps, else the basic one.

    C goes before K because what it is for, such as a moved date, would be undone by keeping (PS3.15 E.3).
    """
    codes = {code for option, code in given.items() if option in chosen}
    return "C" if "C" in codes else "K" if "K" in codes else basic
