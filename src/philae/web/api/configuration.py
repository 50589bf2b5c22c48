"""The configuration as a document: read it, check one, make one current."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Body, Depends, Header, Response

from philae.admin.audit import Event
from philae.config.document import dump_document
from philae.config.model import Configuration
from philae.web.auth import Caller, Reached, allowed
from philae.web.gateway import Gateway
from philae.web.problems import Problem

router = APIRouter(prefix="/api/v1/configuration", tags=["configuration"])

YAML: Final = "application/yaml"
_DOCUMENT: Final = {"content": {YAML: {"schema": {"type": "object"}}}}

Configurer = Annotated[Caller, Depends(allowed("configure"))]
Document = Annotated[str, Body(media_type=YAML, max_length=8 << 20, description="The configuration document (YAML)")]


@router.get("", summary="The current document", response_class=Response, responses={200: _DOCUMENT})
def read_configuration(gateway: Reached, _caller: Configurer) -> Response:
    """What `philae config export` prints, without secrets; ``ETag`` is its version."""
    current = gateway.configurations.current()
    return Response(dump_document(_without_secrets(current)), media_type=YAML, headers={"ETag": _tag(current)})


@router.put("", summary="Make a document the configuration")
def apply_configuration(
    gateway: Reached, caller: Configurer, document: Document, if_match: Annotated[str | None, Header()] = None
) -> dict[str, object]:
    """Checks the document, refuses it with every fault, else makes it current; a project without secret keeps its own.

    With ``If-Match``, only if that version is still the current one.
    """
    configuration = gateway.read_document(document)
    current = gateway.configurations.current()
    if if_match is not None and if_match != _tag(current):
        raise Problem(412, "The configuration has changed meanwhile", f"version {current.version} is current")
    applied = gateway.configurations.apply(configuration)
    if applied.version != current.version:
        _record(gateway, caller, current, applied)
        gateway.bell.ring()
    return {"version": applied.version, "changed": applied.version != current.version}


@router.post("/check", summary="Find every fault of a document and change nothing")
def check_configuration(gateway: Reached, _caller: Configurer, document: Document) -> dict[str, object]:
    configuration = gateway.read_document(document)
    return {"forward_nodes": [node.ae_title for node in configuration.forward_nodes], "faults": []}


def _tag(configuration: Configuration) -> str:
    return f'"{configuration.version}"'


def _without_secrets(configuration: Configuration) -> Configuration:
    projects = tuple(project.model_copy(update={"secret": None}) for project in configuration.projects)
    return configuration.model_copy(update={"projects": projects})


def _record(gateway: Gateway, caller: Caller, before: Configuration, after: Configuration) -> None:
    gateway.audit.record(
        Event(
            at=datetime.now(UTC),
            actor=caller.actor,
            action="configuration.applied",
            subject=f"version {after.version}",
            before=dump_document(_without_secrets(before)),
            after=dump_document(_without_secrets(after)),
        )
    )
