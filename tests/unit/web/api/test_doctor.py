"""The doctor and his history by the REST API."""

from __future__ import annotations

from pathlib import Path

from tests.support.api import Api

PLACE = "/destinations/PHILAE/local/doctor"


def test_what_was_found_is_kept_with_who_asked(api: Api, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way")
    found = api("POST", PLACE).json()
    (tmp_path / "out").unlink()
    api("POST", PLACE)

    newest, first = api("GET", PLACE).json()

    assert (newest["healthy"], first["healthy"]) == (True, False)
    assert first["findings"] == found["findings"]
    assert first["actor"] == "token program"
    assert len(api("GET", f"{PLACE}?limit=1").json()) == 1
    assert api("GET", "/destinations/PHILAE/nowhere/doctor").status_code == 404
