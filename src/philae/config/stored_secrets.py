"""Secrets that an exported document leaves out, put back when it is applied again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from philae.config.configuration import Configuration
from philae.config.document import DocumentFaults
from philae.config.secret import STORED
from philae.config.yaml_lines import DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ADDRESS: Final = ("kind", "url", "url_api", "token_url", "endpoint", "hostname", "host", "host_key", "port")
"""A secret is put back only where all these are as they were: nobody gets one by naming another host."""
_NAMES: Final = ("name", "ae_title")
_REMEDY: Final = f"no secret is stored in the place of {STORED}: a new name, kind or address needs its secret anew"


def with_stored_secrets(
    configuration: Configuration, before: Configuration, context: Mapping[str, Any]
) -> Configuration:
    """``configuration`` with the secrets that it leaves to ``before``. Raises `DocumentFaults`."""
    wanted = configuration.model_dump(mode="json")
    places = tuple(_left_out(wanted, ""))
    if not places:
        return configuration
    filled = _filled(wanted, before.model_dump(mode="json"))
    faults = tuple(DocumentFault(place, 0, _REMEDY) for place in _left_out(filled, ""))
    if faults:
        raise DocumentFaults(faults)
    return Configuration.model_validate(filled, context=dict(context))


def _filled(wanted: Any, before: Any) -> Any:
    if wanted == STORED and isinstance(before, str):
        return before
    if isinstance(wanted, dict):
        known = before if isinstance(before, dict) and _same_address(wanted, before) else {}
        return {key: _filled(value, known.get(key)) for key, value in wanted.items()}
    if isinstance(wanted, list):
        others = before if isinstance(before, list) else []
        return [_filled(item, next((other for other in others if _is_same(item, other)), None)) for item in wanted]
    return wanted


def _same_address(wanted: dict[str, Any], before: dict[str, Any]) -> bool:
    return all(wanted.get(key) == before.get(key) for key in _ADDRESS)


def _is_same(wanted: Any, before: Any) -> bool:
    """Whether two items of a list are the same thing: by name; without one, if nothing but secrets differs."""
    if not isinstance(wanted, dict) or not isinstance(before, dict):
        return False
    for name in _NAMES:
        if name in wanted:
            return bool(wanted[name] == before.get(name))
    return wanted.keys() == before.keys() and all(value in (STORED, before[key]) for key, value in wanted.items())


def _left_out(value: Any, where: str) -> Iterator[str]:
    if value == STORED:
        yield where
    elif isinstance(value, dict):
        for key, item in value.items():
            inside = where if key == "settings" else f"{where}.{key}".lstrip(".")
            yield from _left_out(item, inside)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            name = next((item[key] for key in _NAMES if key in item), index) if isinstance(item, dict) else index
            yield from _left_out(item, f"{where}[{name}]")
