"""From nothing to a first de-identified image: one form, a test image, and what became of it."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.declined import Declined
from philae.admin.deliveries import Wanted
from philae.admin.editing import named
from philae.config.built_in import BUILT_IN
from philae.pipeline.outcome import WAITING
from philae.web.api.recording import record
from philae.web.pages.changing import Faulty, change, sent_form
from philae.web.pages.nodes import node_named
from philae.web.pages.page import Page, readers_with

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from philae.admin.deliveries import Facts
    from philae.admin.editing import Tree

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]
_USUAL: Final = {"node": "PHILAE", "project": "Research", "name": "first", "kind": "folder"}
_FIELDS: Final = ("source", "project", "node", "name", "kind", "path", "called", "hostname", "port")
_PATIENCE_S: Final = 5.0
_SENDER: Final = "TEST"
"""Who sends the test image where anybody may send."""


@router.get("/first-steps")
def show_first_steps(page: Configurer) -> Response:
    return _form(page, _USUAL, {})


@router.post("/first-steps")
def take_first_steps(page: Configurer, sent: Sent) -> Response:
    """Everything at once or nothing: source, project, forward node, destination."""
    node = sent.get("node", "").strip()
    try:
        change(page, sent, ("node.created", node), lambda tree: _add(tree, sent), lambda _: None)
    except Faulty as faulty:
        return _form(page, sent, faulty.faults, 422)
    return page.go("/first-steps/image", node=node, done="created")


@router.get("/first-steps/image")
def show_image(page: Configurer, node: str) -> Response:
    return _image(page, node)


@router.post("/first-steps/image")
def send_image(page: Configurer, node: str) -> Response:
    """Send an invented image as a modality would, and wait a little for what becomes of it."""
    its, send_sample = node_named(page, node), page.gateway.machine.send_sample
    if send_sample is None:
        return _image(page, node, fault="this gateway runs without an intake", status=409)
    try:
        send_sample(node, its.sources[0].ae_title if its.sources else _SENDER)
    except Declined as declined:
        return _image(page, node, fault=str(declined), status=409)
    record(page.gateway, page.caller, "sample.sent", node)
    return _image(page, node, _settled(page, node))


def _add(tree: Tree, sent: dict[str, str]) -> None:
    text = {**dict.fromkeys(_FIELDS, ""), **{name: value.strip() for name, value in sent.items()}}
    projects = tree.setdefault("projects", [])
    if named(projects, "name", text["project"]) is None:
        projects.append({"name": text["project"], "profile": BUILT_IN.name})
    destination: Tree = {"name": text["name"], "kind": text["kind"], "deidentify": {"project": text["project"]}}
    if text["kind"] == "folder":
        destination["path"] = text["path"]
    else:
        destination |= {"ae_title": text["called"], "hostname": text["hostname"], "port": text["port"]}
    node: Tree = {"ae_title": text["node"], "destinations": [destination]}
    if text["source"]:
        node["sources"] = [{"ae_title": text["source"]}]
    tree.setdefault("forward_nodes", []).append(node)


def _settled(page: Page, node: str) -> Sequence[Facts]:
    """The newest delivery to each destination of the node, once none of them waits or patience ends."""
    deadline, wanted = monotonic() + _PATIENCE_S, Wanted(node=node)
    most = len(node_named(page, node).destinations)
    while True:
        found = page.gateway.deliveries.page(wanted, None, most)
        if (found and not any(each.state in WAITING for each in found)) or monotonic() > deadline:
            return found
        sleep(0.1)


def _form(page: Page, sent: Mapping[str, str], faults: Mapping[str, str], status: int = 200) -> Response:
    version = page.gateway.configurations.current().version
    profile = BUILT_IN.name
    return page.render("first_steps.html", status, sent=sent, faults=faults, version=version, profile=profile)


def _image(page: Page, node: str, deliveries: Sequence[Facts] = (), *, fault: str = "", status: int = 200) -> Response:
    found = node_named(page, node)
    return page.render("first_image.html", status, node=found, deliveries=deliveries, fault=fault)
