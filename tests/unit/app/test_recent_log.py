from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from philae.app.recent_log import MOST_LINES, log_since

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def line(minutes_ago: int, event: str, **facts: object) -> str:
    at = (NOW - timedelta(minutes=minutes_ago)).isoformat()
    return json.dumps({"event": event, "level": "info", "timestamp": at, **facts})


def written(path: Path, *lines: str) -> None:
    path.write_text("".join(f"{each}\n" for each in lines))


def test_the_newest_lines_come_first_across_the_file_that_was_full(tmp_path: Path) -> None:
    path = tmp_path / "philae.log"
    written(path.with_name("philae.log.1"), line(90, "old"), line(50, "a"))
    written(path, line(40, "b"), "no event", line(1, "c", count=3))

    found = log_since(path, NOW - timedelta(hours=1))

    assert [each.event for each in found] == ["c", "b", "a"]
    assert found[0].facts == "count=3"


def test_what_may_identify_or_let_somebody_in_is_not_shown(tmp_path: Path) -> None:
    uid = "1.2.840.99999.1.2.3.4"
    written(tmp_path / "philae.log", line(1, f"about {uid}", url="https://anna:secret@host.example/rs", uid=uid))

    (found,) = log_since(tmp_path / "philae.log", NOW - timedelta(hours=1))

    assert uid not in repr(found)
    assert "secret@" not in repr(found)


def test_a_page_holds_so_many_lines_and_a_log_that_is_not_there_none(tmp_path: Path) -> None:
    written(tmp_path / "philae.log", *[line(1, "again")] * (MOST_LINES + 5))

    assert len(log_since(tmp_path / "philae.log", NOW - timedelta(hours=1))) == MOST_LINES
    assert log_since(tmp_path / "other.log", NOW) == []
