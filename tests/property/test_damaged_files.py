"""Whatever bytes a file holds, it gets an outcome with a reason: never a crash, never half an output."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from philae.deid.files.deidentify import Result, prepare
from philae.tools.send import examine
from tests.support.deidentifying import make_job
from tests.support.listening import write_instance

JOB = make_job()
SNIPPETS = st.sampled_from(
    [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0", b"SQ\0\0", b"UN\0\0", b"\xff", b"\\"]
)
DAMAGE = st.lists(st.tuples(st.integers(128, 900), st.integers(0, 12), SNIPPETS | st.binary(max_size=8)), max_size=6)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_instance(tmp_path_factory.mktemp("whole") / "a.dcm", "1.2.3.4", size=8).read_bytes()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=DAMAGE, cut=st.none() | st.integers(0, 900))
def test_a_damaged_file_has_an_outcome(
    tmp_path: Path, whole: bytes, damage: list[tuple[int, int, bytes]], cut: int | None
) -> None:
    raw = bytearray(whole[:cut])
    for position, removed, inserted in damage:
        raw[position : position + removed] = inserted
    source, unfinished = tmp_path / "in.dcm", tmp_path / "out.part"
    source.write_bytes(raw)
    unfinished.unlink(missing_ok=True)

    outcome = prepare(JOB, source, unfinished)
    examine(source)

    assert unfinished.exists() == (outcome.result is Result.WRITTEN)
    assert outcome.result is Result.WRITTEN or outcome.reason
