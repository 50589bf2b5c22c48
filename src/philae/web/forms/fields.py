"""The fields of a form, read from a settings model: what is added to a model is in its form by itself."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any, Final

from pydantic import BaseModel

from philae.config.fields import Frozen
from philae.web.forms.labels import label_of

Kinds = Mapping[str, type[Frozen]]
_LONG: Final = ("host_key", ".body")
"""Texts of several lines."""
_WIDGETS: Final = {
    "boolean": "checkbox",
    "integer": "number",
    "number": "number",
    "array": "lines",
    "object": "pairs",
}
ITEM: Final = "#"
_CONDITION: Final = "condition"
_SECRET: Final = "password"  # noqa: S105 - the format's name in JSON Schema


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a form, or a group of them."""

    name: str
    """Its path in the document, such as ``tls.authority``; also the name of its control."""
    label: str
    widget: str
    """``text``, ``number``, ``checkbox``, ``choice``, ``several``, ``secret``, ``area``, ``lines``, ``pairs``, ``group``,
    ``items``, ``kinds`` or ``condition``."""
    hint: str = ""
    required: bool = False
    """Of a group: whether it is there without being asked for."""
    default: str = ""
    choices: tuple[str, ...] = ()
    limits: tuple[tuple[str, object], ...] = ()
    """Attributes of the control, such as ``min``."""
    fields: tuple[Field, ...] = ()
    """Of ``items``: those of one, with `ITEM` in the place of its number."""
    variants: tuple[tuple[str, tuple[Field, ...]], ...] = ()
    """Of ``kinds``: the fields of each."""

    @property
    def key(self) -> str:
        """Its name in the group that it belongs to."""
        return self.name.rpartition(".")[2]

    @property
    def count(self) -> str:
        """Of ``items``: the control that says how many there are."""
        return f"{self.name}.count"

    def item(self, number: int) -> tuple[Field, ...]:
        """Of ``items``: the fields of one, counted from 0."""
        return tuple(_numbered(field, f"{self.name}.{ITEM}.", f"{self.name}.{number}.") for field in self.fields)


def _numbered(field: Field, before: str, after: str) -> Field:
    inner = tuple(_numbered(each, before, after) for each in field.fields)
    return replace(field, name=field.name.replace(before, after, 1), fields=inner)


def fields_of(
    model: type[BaseModel], polymorphic: Mapping[str, Kinds], *, without: frozenset[str]
) -> tuple[Field, ...]:
    """One field for each of the model's, in its order. ``polymorphic``: kinds by the name of their base class."""
    schema = model.model_json_schema()
    reader = _Reader(schema.get("$defs", {}), polymorphic)
    return reader.fields(schema, without=without)


class _Reader:
    """Reads JSON Schema, which knows every limit; the words are those that stand below the model's attributes."""

    def __init__(self, definitions: Mapping[str, Any], polymorphic: Mapping[str, Kinds]) -> None:
        self._definitions = definitions
        self._polymorphic = polymorphic

    def fields(
        self, schema: Mapping[str, Any], prefix: str = "", without: frozenset[str] = frozenset()
    ) -> tuple[Field, ...]:
        required, hints = schema.get("required", ()), _hints(schema.get("title", ""))
        return tuple(
            self._field(f"{prefix}{name}", each, hints.get(name, ""), is_required=name in required)
            for name, each in schema.get("properties", {}).items()
            if name not in without
        )

    def _field(self, name: str, schema: Mapping[str, Any], hint: str, *, is_required: bool) -> Field:
        plain = self._resolved(schema)
        label = label_of(name)
        default = schema.get("default")
        if (title := plain.get("title", "")) in self._polymorphic:
            variants = tuple(
                (kind, self._variant(settings, f"{name}.")) for kind, settings in self._polymorphic[title].items()
            )
            return Field(name, label, "kinds", hint, choices=tuple(kind for kind, _ in variants), variants=variants)
        if "properties" in plain:
            is_there = is_required or isinstance(default, dict)
            return Field(name, label, "group", hint, is_there, fields=self.fields(plain, f"{name}."))
        items = self._resolved(plain.get("items") or {})
        if "properties" in items:
            return Field(name, label, "items", hint, is_required, fields=self.fields(items, f"{name}.{ITEM}."))
        shown = "" if default is None or isinstance(default, list | dict) else str(default)
        widget, choices = _widget(plain)
        if widget == "checkbox" and default is None:
            widget, choices = "choice", ("true", "false")
        if name.endswith(_LONG):
            widget = "area"
        if name.rpartition(".")[2] == _CONDITION:
            widget = _CONDITION
        return Field(name, label, widget, hint, is_required, shown, choices, _limits(plain))

    def _variant(self, settings: type[BaseModel], prefix: str) -> tuple[Field, ...]:
        schema = settings.model_json_schema()
        reader = _Reader(schema.get("$defs", {}), self._polymorphic)
        return reader.fields(schema, prefix, frozenset({"kind"}))

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Without the choice of nothing, and with what is referred to in its place."""
        choices = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
        if len(choices) == 1:
            return self._resolved(choices[0])
        if "$ref" in schema:
            return self._resolved(self._definitions[schema["$ref"].rpartition("/")[2]])
        return schema


def _widget(schema: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    if "enum" in schema or "const" in schema:
        return "choice", tuple(map(str, schema.get("enum", [schema.get("const")])))
    if schema.get("format") == _SECRET:
        return "secret", ()
    return _WIDGETS.get(schema.get("type", ""), "text"), ()


def _limits(schema: Mapping[str, Any]) -> tuple[tuple[str, object], ...]:
    names = {"minimum": "min", "maximum": "max", "maxLength": "maxlength"}
    limits = [(names[name], schema[name]) for name in names if name in schema]
    return (*limits, ("step", "any")) if schema.get("type") == "number" else tuple(limits)


@cache
def _hints(class_name: str) -> Mapping[str, str]:
    """The texts below the attributes of a settings model, by attribute; its base classes' too."""
    model = next((each for each in _all_below(Frozen) if each.__name__ == class_name), None)
    if model is None:
        return {}
    hints: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, Frozen):
            hints |= _documented(each)
    return hints


def _documented(model: type[Frozen]) -> dict[str, str]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    found: dict[str, str] = {}
    for statement, following in pairwise(body):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            match following:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    found[statement.target.id] = " ".join(text.replace("``", "").split())
    return found


def _all_below(model: type[Frozen]) -> set[type[Frozen]]:
    return {each for below in model.__subclasses__() for each in ({below} | _all_below(below))}
