"""Moments as the database stores them: microseconds since 1970."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """The stored form of an aware moment."""
    return (moment - _EPOCH) // MICROSECOND


def moment(microseconds: int) -> datetime:
    """The moment of a stored number, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)
