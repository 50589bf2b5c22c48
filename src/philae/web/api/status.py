"""Where everything stands."""

from fastapi import APIRouter, Depends

from philae.admin.status import gateway_status
from philae.web.auth import Reached, allowed

router = APIRouter(prefix="/api/v1/status", tags=["status"], dependencies=[Depends(allowed("status"))])


@router.get("", summary="The accounting identity")
def read_status(gateway: Reached) -> dict[str, object]:
    """What was accepted, and where each delivery stands: what `philae status --json` prints."""
    return gateway_status(gateway.ledger.counts(), gateway.configurations.current()).as_document()
