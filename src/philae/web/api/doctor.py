"""The doctor of destinations."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends

from philae.admin.doctor import as_document, case_of, examine
from philae.destinations import examination_of
from philae.web.auth import Caller, Reached, allowed
from philae.web.problems import Problem

router = APIRouter(prefix="/api/v1/destinations", tags=["destinations"])


@router.post("/{node}/{name}/doctor", summary="Examine a destination step by step")
def examine_destination(
    gateway: Reached,
    caller: Annotated[Caller, Depends(allowed("status"))],
    node: str,
    name: str,
    *,
    store: Annotated[bool, Body(embed=True, description="Deliver a made-up instance as well")] = False,
) -> dict[str, object]:
    """What `philae doctor --json` prints; takes as long as the destination does. ``store`` needs the scope operate."""
    configuration = gateway.configurations.current()
    found = configuration.node(node)
    if found is None or all(each.name != name for each in found.destinations):
        raise Problem(404, f"There is no destination {node}/{name}")
    if store and not caller.allows("operate"):
        raise Problem(403, "The API token may not deliver a made-up instance", "it needs the scope 'operate'")
    case = case_of(configuration, gateway.deliveries, f"{node}/{name}", store=store)
    return as_document(case, list(examine(examination_of(case))))
