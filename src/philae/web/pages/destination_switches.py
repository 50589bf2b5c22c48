"""What is switched at a destination without its form: enabled or not, paused or not."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.editing import Tree
from philae.web.pages.changing import change, sent_form
from philae.web.pages.destinations import found, in_document, path_of
from philae.web.pages.page import Page, readers_with

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]


@router.post("/destination/enabled")
def enable_destination(page: Configurer, id: int, sent: Sent) -> Response:  # noqa: A002 - the name in the address
    node, destination = found(page, id)
    enabled = sent.get("enabled") == "on"

    def put(tree: Tree) -> None:
        in_document(tree, node, destination)["enabled"] = enabled

    told = ("destination.enabled" if enabled else "destination.disabled", path_of(node, destination))
    change(page, sent, told, put, lambda tree: in_document(tree, node, destination))
    return page.go("/destination", id=str(id), done="enabled" if enabled else "disabled")


@router.post("/destination/paused")
def pause_destination(page: Configurer, id: int, sent: Sent) -> Response:  # noqa: A002 - the name in the address
    """What arrives for it meanwhile waits."""
    node, destination = found(page, id)
    paused = sent.get("paused") == "on"

    def put(tree: Tree) -> None:
        in_document(tree, node, destination)["paused"] = paused

    told = ("destination.paused" if paused else "destination.resumed", path_of(node, destination))
    change(page, sent, told, put, lambda tree: in_document(tree, node, destination))
    return page.go("/destination", id=str(id), done="paused" if paused else "resumed")
