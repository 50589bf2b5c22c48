"""The configuration as a document: read it, check one, make one current."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel

from philae.config.document import dump_document
from philae.web.api.editing import Configurer, Current, Editing, tag_of
from philae.web.auth import Reached

router = APIRouter(prefix="/api/v1/configuration", tags=["configuration"])

YAML: Final = "application/yaml"
_DOCUMENT: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {YAML: {}}}}

Document = Annotated[
    str, Body(media_type=YAML, min_length=1, max_length=8 << 20, description="The configuration document (YAML)")
]


class Applied(BaseModel):
    """What came of a document."""

    version: int
    changed: bool


class Checked(BaseModel):
    """A document without faults."""

    forward_nodes: list[str]
    faults: list[str] = []


@router.get("", summary="The current document", response_class=Response, responses=_DOCUMENT)
def read_configuration(current: Current, _caller: Configurer) -> Response:
    """What `philae config export` prints, without secrets; ``ETag`` is its version."""
    return Response(dump_document(current), media_type=YAML, headers={"ETag": tag_of(current)})


@router.put("", summary="Make a document the configuration")
def apply_configuration(editing: Editing, current: Current, document: Document) -> Applied:
    """Checks the document, refuses it with every fault, else makes it current; a project without secret keeps its own.

    With ``If-Match``, only if that version is still the current one.
    """
    applied = editing.replace(document)
    return Applied(version=applied.version, changed=applied.version != current.version)


@router.post("/check", summary="Find every fault of a document and change nothing")
def check_configuration(gateway: Reached, _caller: Configurer, document: Document) -> Checked:
    """Answers 422 with the faults if there are any."""
    configuration = gateway.read_document(document)
    return Checked(forward_nodes=[node.ae_title for node in configuration.forward_nodes])
