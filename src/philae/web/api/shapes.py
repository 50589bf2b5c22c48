"""How configured things look in requests, for the OpenAPI document: flat, as the configuration document has them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, Literal, Union

from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import models_json_schema

from philae import destinations, pseudonyms
from philae.config.deidentify import Deidentify
from philae.config.destination import Destination
from philae.config.fields import Frozen, Name
from philae.config.forward_node import ForwardNode
from philae.config.target import Target

NODE: Final = "ForwardNodeGiven"
DESTINATION: Final = "DestinationGiven"
TARGET: Final = "TargetGiven"
_TEMPLATE: Final = "#/components/schemas/{model}"


def taken(name: str) -> dict[str, Any]:
    """What an operation takes: what the schema of this name describes."""
    reference = {"$ref": _TEMPLATE.format(model=name)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": reference}}}}


def schemas() -> dict[str, Any]:
    """Every schema that `taken` refers to, and those that they refer to, by name."""
    node = _flat(NODE, ForwardNode, without=("destinations",))
    of_kinds = {
        DESTINATION: [*_of_each_kind("Destination", Destination), _naming_a_target()],
        TARGET: [*_of_each_kind("Target", Target)],
    }
    models: list[type[BaseModel]] = [node, *(model for each in of_kinds.values() for model in each)]
    _, found = models_json_schema([(model, "validation") for model in models], ref_template=_TEMPLATE)
    unions = {name: {"title": name, "anyOf": _references(each)} for name, each in of_kinds.items()}
    return {**found["$defs"], **unions}


def _references(models: Collection[type[BaseModel]]) -> list[dict[str, str]]:
    return [{"$ref": _TEMPLATE.format(model=model.__name__)} for model in models]


def _of_each_kind(word: str, model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for kind, settings in destinations.SETTINGS.items():
        name = f"{kind.title().replace('_', '')}{word}Given"
        yield _flat(name, model, settings, without=("id", "settings", "target"), kind=(Literal[kind], ...))


def _naming_a_target() -> type[BaseModel]:
    return _flat("DestinationAtTargetGiven", Destination, without=("id", "settings"), target=(Name, ...))


def _flat(name: str, *models: type[BaseModel], without: Collection[str] = (), **own: Any) -> type[BaseModel]:
    """One model with the fields of all, those that ``own`` describes otherwise."""
    fields = {key: field for model in models for key, field in model.model_fields.items() if key not in without}
    wanted: Mapping[str, Any] = {key: (field.annotation, field) for key, field in fields.items()}
    own |= {"deidentify": (_deidentify() | None, None)} if "deidentify" in fields else {}
    return create_model(name, __base__=Frozen, **{**wanted, **own})


def _deidentify() -> Any:
    sources = tuple(pseudonyms.SETTINGS.values())
    return _flat("DeidentifyGiven", Deidentify, pseudonym=(Union[sources], Field(default_factory=dict)))  # noqa: UP007 - known at run time
