"""One forward node: its destinations, its sources and its settings, each on a tab."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.editing import Tree, tree_of
from philae.config.forward_node import ForwardNode
from philae.web.forms.destination_steps import stepped
from philae.web.forms.fields import Field, fields_of
from philae.web.forms.values import Values, tree_from, values_from, without_gaps
from philae.web.list_filter import destinations_with, sources_with
from philae.web.pages.changing import Faulty, change, node_tree, sent_form
from philae.web.pages.nodes import drawn, groups_of, node_in, node_named
from philae.web.pages.page import Page, readers_with

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]
TABS: Final = ("destinations", "sources", "settings")
_NOT_HERE: Final = frozenset({"ae_title", "paused", "sources", "destinations"})
"""Its AE title stays: senders and counts know it by that."""
_SIMPLE: Final = ("description", "group")
"""Settings that everybody looks for; the others are folded away until somebody uses them."""


@router.get("/node")
def show_node(page: Configurer, name: str, tab: str = "", q: str = "") -> Response:
    return shown(page, name, tab=tab, q=q)


@router.post("/node")
def change_node(page: Configurer, name: str, sent: Sent) -> Response:
    """Its settings."""
    step = stepped(sent)
    if step is not None:
        return shown(page, name, step.faults, step.values, tab="settings")

    def put(tree: Tree) -> None:
        node = node_tree(tree, name)
        for key in _keys():
            node.pop(key, None)
        node.update(tree_from(_shape(), sent))

    try:
        change(page, sent, ("node.changed", name), put, lambda tree: _settings(node_in(tree, name)))
    except Faulty as faulty:
        return shown(page, name, faulty.faults, without_gaps(_shape(), sent), tab="settings", status=422)
    return page.go("/node", name=name, tab="settings", done="saved")


def shown(
    page: Page,
    name: str,
    faults: object = None,
    sent: Values | None = None,
    *,
    tab: str = "",
    q: str = "",
    status: int = 200,
) -> Response:
    """The page of a node; ``sent`` is what stands in the form of the tab. Raises `Problem` 404."""
    node, current = node_named(page, name), page.gateway.configurations.current()
    settings = _settings(node_in(tree_of(current), name))
    return page.render(
        "node.html",
        status,
        node=node,
        tab=tab if tab in TABS else TABS[0],
        q=q,
        version=(sent or {}).get("version") or current.version,
        faults=faults or {},
        values=sent or values_from(_shape(), settings),
        is_changed=sent is not None,
        is_advanced=sent is not None or bool(settings.keys() - set(_SIMPLE)),
        entry=_entry(page, node),
        destinations=destinations_with(q, node.destinations),
        sources=sources_with(q, node.sources),
        groups=groups_of(page),
        simple=[field for field in _shape() if field.name in _SIMPLE],
        advanced=[field for field in _shape() if field.name not in _SIMPLE],
        **drawn(page, (node,)),
    )


@cache
def _shape() -> tuple[Field, ...]:
    return tuple(
        replace(field, limits=(*field.limits, ("list", "groups"))) if field.name == "group" else field
        for field in fields_of(ForwardNode, {}, without=_NOT_HERE)
    )


@cache
def _keys() -> frozenset[str]:
    return frozenset(field.name for field in _shape())


def _settings(node: Tree) -> Tree:
    return {key: node[key] for key in node.keys() & _keys()}


def _entry(page: Page, node: ForwardNode) -> str:
    """What the administrator of a modality enters; the host as this browser reaches it, which may be another's name."""
    machine = page.gateway.machine
    lines = {
        "Description": node.description,
        "AE title": node.ae_title,
        "Host": f"{page.request.url.hostname} (as the browser reaches it; adapt if modalities know it by another name)",
        "Port": str(machine.dicom_port or ""),
        "TLS port": str(machine.dicom_tls_port or ""),
    }
    return "\n".join(f"{key}: {text}" for key, text in lines.items() if text)
