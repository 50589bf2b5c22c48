"""Where everything stands."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from philae.web.auth import Reached, allowed

router = APIRouter(prefix="/api/v1/status", tags=["status"], dependencies=[Depends(allowed("status"))])


@router.get("", summary="The accounting identity")
def read_status(gateway: Reached) -> dict[str, object]:
    """What was accepted, where each delivery stands, since when and why anything waits: as `philae status --json`."""
    return gateway.standing().as_document()
