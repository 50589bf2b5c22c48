"""Who changed what."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from philae.web.auth import Reached, allowed

router = APIRouter(prefix="/api/v1/audit", tags=["audit"], dependencies=[Depends(allowed("audit"))])


@router.get("", summary="Events, newest first")
def read_events(
    gateway: Reached,
    before: Annotated[
        int | None, Query(ge=0, lt=1 << 63, description="only events older than the one of this number")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, object]:
    """A page of the audit trail; ``next`` is the ``before`` of the next page, null on the last."""
    events = gateway.audit.events(before=before, limit=limit)
    return {
        "events": [
            {
                "number": number,
                "at": event.at.isoformat(),
                "actor": event.actor,
                "action": event.action,
                "subject": event.subject,
                "before": event.before,
                "after": event.after,
            }
            for number, event in events
        ],
        "next": events[-1][0] if len(events) == limit else None,
    }
