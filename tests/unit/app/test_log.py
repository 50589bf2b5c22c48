"""What the log says of exceptions."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator

import pytest

from philae.app.log import log_to_stderr

VALUE = "Muster^Max"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root, hook = logging.getLogger(), threading.excepthook
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], threading.excepthook = handlers, hook
    root.setLevel(level)


def read(name: str) -> None:
    try:
        int(name)
    except ValueError as error:
        raise LookupError(name) from error


def test_an_exception_is_logged_by_kind_and_place_without_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("info")

    try:
        read(VALUE)
    except LookupError as error:
        logging.getLogger("philae").error("delivery.unexpected", exc_info=error, extra={"instance": 7})
    written = capsys.readouterr().err
    event = json.loads(written)

    assert (event["event"], event["instance"]) == ("delivery.unexpected", 7)
    assert [line for line in event["exception"].splitlines() if line.startswith("builtins.")] == [
        "builtins.ValueError",
        "builtins.LookupError",
    ]
    assert f"{__file__}:" in event["exception"]
    assert VALUE not in written


def test_what_breaks_a_thread_is_logged_without_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("info")

    thread = threading.Thread(target=read, args=(VALUE,), name="association")
    thread.start()
    thread.join()
    written = capsys.readouterr().err
    event = json.loads(written)

    assert (event["event"], event["thread_name"]) == ("thread.broke", "association")
    assert "builtins.LookupError" in event["exception"]
    assert VALUE not in written
