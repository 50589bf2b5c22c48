from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from philae.store.instance_ids import InstanceIds
from philae.store.moments import microseconds, moment


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_survive_to_the_microsecond(when: datetime) -> None:
    assert moment(microseconds(when)) == when


def test_time_zones_do_not_matter() -> None:
    there = datetime(2026, 7, 1, 14, tzinfo=timezone(timedelta(hours=2)))

    assert microseconds(there) == microseconds(datetime(2026, 7, 1, 12, tzinfo=UTC))


def test_ids_fit_a_signed_column_until_2255() -> None:
    assert InstanceIds().next() < 1 << 63
    assert microseconds(datetime(2255, 1, 1, tzinfo=UTC)) << 10 < 1 << 63
