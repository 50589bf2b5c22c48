"""The doctor of destinations, and what he found out before."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query
from pydantic import BaseModel

from philae.admin.doctor import Verdict, as_document, case_of, destination_named
from philae.admin.examinations import KEPT, Examined, examine_and_keep
from philae.destinations import examination_of
from philae.web.auth import Caller, Reached, allowed
from philae.web.problems import Problem

router = APIRouter(prefix="/api/v1/destinations", tags=["destinations"])

Reader = Annotated[Caller, Depends(allowed("status"))]


class Found(BaseModel):
    """How one step went."""

    step: str
    verdict: Verdict
    message: str
    advice: str
    ms: float


class Examination(BaseModel):
    """What the doctor found out."""

    at: datetime
    actor: str
    """Who asked for it; ``schedule`` when it was due."""
    healthy: bool
    findings: list[Found]


@router.post("/{node}/{name}/doctor", summary="Examine a destination step by step")
def examine_destination(
    gateway: Reached,
    caller: Reader,
    node: str,
    name: str,
    *,
    store: Annotated[bool, Body(embed=True, description="Deliver a made-up instance as well")] = False,
) -> dict[str, object]:
    """What `philae doctor --json` prints; takes as long as the destination does. ``store`` needs the scope operate."""
    if store and not caller.allows("operate"):
        raise Problem(403, "The API token may not deliver a made-up instance", "it needs the scope 'operate'")
    case = case_of(gateway.configurations.current(), gateway.deliveries, f"{node}/{name}", store=store)
    steps = examine_and_keep(examination_of(case), case.destination.id, caller.actor, gateway.examinations)
    return as_document(case, list(steps))


@router.get("/{node}/{name}/doctor", summary="What the doctor found out before")
def read_examinations(
    gateway: Reached, _caller: Reader, node: str, name: str, limit: Annotated[int, Query(ge=1, le=KEPT)] = 20
) -> list[Examination]:
    """Newest first."""
    _, destination = destination_named(gateway.configurations.current(), f"{node}/{name}")
    return [_shown(each) for each in gateway.examinations.of(destination.id, limit)]


def _shown(examined: Examined) -> Examination:
    return Examination.model_validate(examined.as_document())
