"""From a form that was sent to the document's values, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from philae.web.forms.fields import Field

_MOST_ITEMS: Final = 200
_YES: Final = (True, "True", "true")
Values = dict[str, str]
"""Controls of a form by name."""


def tree_from(fields: Iterable[Field], values: Mapping[str, str]) -> dict[str, Any]:
    """The part of a document that a form says; what was left empty is left out."""
    tree: dict[str, Any] = {}
    for field in fields:
        value = _value(field, values)
        if value not in (None, "", [], {}) or (
            field.widget == "checkbox" and value is False and field.default == "True"
        ):
            tree[field.key] = value
    return tree


def without_gaps(fields: Iterable[Field], values: Mapping[str, str]) -> Values:
    """The values with ``items`` numbered as the document has them: those that are empty do not count."""
    lists = [field for field in fields if field.widget == "items"]
    return {**values, **{field.count: "0" for field in lists}, **values_from(lists, tree_from(lists, values))}


def count_of(field: Field, values: Mapping[str, str]) -> int:
    """How many ``items`` a form has, those included that are still empty."""
    text = values.get(field.count, "")
    return min(int(text), _MOST_ITEMS) if text.isdecimal() and len(text) < 6 else 0


def values_from(fields: Iterable[Field], tree: Mapping[str, Any]) -> Values:
    """What the controls of a form show for a part of a document; the defaults of what is not in it stand ready."""
    values: Values = {}
    for field in fields:
        values |= _defaults(field)
        if field.key in tree:
            values |= _shown(field, tree[field.key])
    return values


def _defaults(field: Field) -> Values:
    if field.widget == "items":
        return {}
    inner = [field.fields, *(fields for _, fields in field.variants)]
    values = {name: text for fields in inner for name, text in values_from(fields, {}).items()}
    return values | (_shown(field, field.default) if field.default else {})


def _value(field: Field, values: Mapping[str, str]) -> Any:
    text = values.get(field.name, "")
    match field.widget:
        case "group":
            return tree_from(field.fields, values) if field.required or text == "on" else None
        case "kinds":
            return {"kind": text, **tree_from(dict(field.variants).get(text, ()), values)} if text else None
        case "items":
            found = (tree_from(field.item(number), values) for number in range(count_of(field, values)))
            return [each for each in found if each]
        case "several":
            return [choice for choice in field.choices if values.get(f"{field.name}.{choice}") == "on"]
        case "checkbox":
            return (text == "on") if (text == "on") != (field.default == "True") else None
    return _written(field, text)


def _written(field: Field, text: str) -> Any:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    match field.widget:
        case "lines":
            return lines
        case "pairs":
            return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        case "secret":
            return text
    plain = text.strip().replace("\r\n", "\n")
    return "" if plain == field.default else plain


def _shown(field: Field, value: Any) -> Values:
    match field.widget:
        case "group":
            return {field.name: "on", **values_from(field.fields, value)}
        case "kinds":
            kind = value.get("kind", "")
            return {field.name: kind, **values_from(dict(field.variants).get(kind, ()), value)}
        case "items":
            items = [values_from(field.item(number), each) for number, each in enumerate(value)]
            return {field.count: str(len(value)), **{name: text for each in items for name, text in each.items()}}
        case "several":
            return {f"{field.name}.{choice}": "on" for choice in value}
    return {field.name: _read(field, value)}


def _read(field: Field, value: Any) -> str:
    match field.widget:
        case "checkbox":
            return "on" if value in _YES else "off"
        case "lines":
            return "\n".join(map(str, [value] if isinstance(value, str) else value))
        case "pairs":
            return "\n".join(f"{name}: {text}" for name, text in value.items())
    return str(value)
