"""For whoever restarts or balances: does the process live, can it work."""

from fastapi import APIRouter

from philae.web.auth import Reached

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="The process lives")
def live() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", summary="The ledger answers")
def ready(gateway: Reached) -> dict[str, str]:
    gateway.ledger.counts()
    return {"status": "ok"}
