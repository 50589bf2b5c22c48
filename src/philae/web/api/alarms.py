"""What needs a person now."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from philae.web.auth import Reached, allowed

router = APIRouter(prefix="/api/v1/alarms", tags=["alarms"], dependencies=[Depends(allowed("status"))])


class AlarmShown(BaseModel):
    """Something that needs a person; ``key`` stays the same as long as it lasts."""

    key: str
    words: str
    remedy: str


@router.get("", summary="Alarms that are on")
def read_alarms(gateway: Reached) -> list[AlarmShown]:
    return [AlarmShown(key=each.key, words=each.words, remedy=each.remedy) for each in gateway.alarms()]
