from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from philae.pipeline.retry import RetryCurve


def test_delays_double_up_to_the_cap() -> None:
    curve = RetryCurve(base_s=2.0, cap_s=30.0, jitter=0.0)

    delays = [curve.delay(failures).total_seconds() for failures in range(1, 8)]

    assert delays == [2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


@given(failures=st.integers(1, 10_000), jitter=st.floats(0.0, 0.9))
def test_jitter_stays_within_its_share_of_the_delay(failures: int, jitter: float) -> None:
    plain = RetryCurve(jitter=0.0).delay(failures).total_seconds()

    delay = RetryCurve(jitter=jitter).delay(failures).total_seconds()

    assert plain * (1 - jitter) - 1e-5 <= delay <= plain * (1 + jitter) + 1e-5
