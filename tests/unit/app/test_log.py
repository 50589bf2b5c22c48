"""Where logs go, and what they say of exceptions."""

from __future__ import annotations

import json
import logging
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from philae.app.clinical import CLINICAL
from philae.app.log import UnusableLogConfig, start_logging
from philae.config.settings import Settings

VALUE = "Muster^Max"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    loggers = [logging.getLogger(), logging.getLogger(CLINICAL), logging.getLogger("py.warnings")]
    before = [(each, each.handlers[:], each.level, each.propagate) for each in loggers]
    hook = threading.excepthook
    yield
    logging.captureWarnings(capture=False)
    threading.excepthook = hook
    for logger, handlers, level, propagate in before:
        for handler in set(logger.handlers) - set(handlers):
            handler.close()
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


def settings(data: Path, **changes: Any) -> Settings:
    return Settings(data=data, **changes)


def read(name: str) -> None:
    try:
        int(name)
    except ValueError as error:
        raise LookupError(name) from error


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_production_writes_the_same_json_to_standard_error_and_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start_logging(settings(tmp_path))

    logging.getLogger("philae.pipeline").info("delivery.sent", extra={"instance": 7})
    logging.getLogger("philae.pipeline").debug("not at this level")
    file = tmp_path / "logs" / "philae.log"

    for written in (capsys.readouterr().err, file.read_text()):
        (event,) = events(written)
        assert event.pop("timestamp").endswith("Z")
        assert event == {"event": "delivery.sent", "instance": 7, "logger": "philae.pipeline", "level": "info"}
    assert file.stat().st_mode & 0o777 == 0o600


def test_development_writes_words_to_standard_error_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start_logging(settings(tmp_path, log_mode="development"))

    logging.getLogger("philae.pipeline").info("delivery.sent", extra={"instance": 7})
    written = capsys.readouterr().err

    assert "delivery.sent" in written
    assert "instance=7" in written
    assert not written.startswith("{")
    assert not (tmp_path / "logs" / "philae.log").exists()


@pytest.mark.parametrize("mode", ["production", "development"])
def test_an_exception_is_logged_by_kind_and_place_without_its_words(
    mode: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start_logging(settings(tmp_path, log_mode=mode))

    try:
        read(VALUE)
    except LookupError as error:
        logging.getLogger("philae").error("delivery.unexpected", exc_info=error, extra={"instance": 7})
    written = capsys.readouterr().err

    assert "builtins.ValueError" in written
    assert "builtins.LookupError" in written
    assert f"{__file__}:" in written
    assert VALUE not in written


def test_what_breaks_a_thread_is_logged_without_its_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start_logging(settings(tmp_path))

    thread = threading.Thread(target=read, args=(VALUE,), name="association")
    thread.start()
    thread.join()
    written = capsys.readouterr().err

    (event,) = events(written)
    assert (event["event"], event["thread_name"]) == ("thread.broke", "association")
    assert "builtins.LookupError" in event["exception"]
    assert VALUE not in written


def test_what_libraries_say_of_values_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start_logging(settings(tmp_path))

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(f"Invalid value for VR UI: {VALUE}", stacklevel=1)
    logging.getLogger("pydicom").warning("cannot read %s", VALUE)
    written = capsys.readouterr().err

    assert [event["logger"] for event in events(written)] == ["py.warnings", "pydicom"]
    assert VALUE not in written


def test_the_clinical_log_is_in_its_own_file_and_nowhere_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start_logging(settings(tmp_path, log_level="error"))

    logging.getLogger(CLINICAL).info("%s", '{"sop_instance_uid": "1.2.3.4.5.6"}')

    assert (tmp_path / "logs" / "clinical.log").read_text() == '{"sop_instance_uid": "1.2.3.4.5.6"}\n'
    assert capsys.readouterr().err == ""
    assert not (tmp_path / "logs" / "philae.log").exists()


OWN = """\
formatters: {{plain: {{format: "MINE %(levelname)s %(message)s"}}}}
handlers:
  file: {{class: logging.FileHandler, filename: "{file}", formatter: plain}}
root: {{level: INFO, handlers: [file]}}
"""


def test_the_users_own_configuration_takes_the_place_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.yml").write_text(OWN.format(file=tmp_path / "own.log"))
    start_logging(settings(tmp_path, log_config=tmp_path / "own.yml"))

    logging.getLogger("philae.pipeline").info("delivery.sent to %s", "2.25.1.2.3.4")
    logging.getLogger(CLINICAL).info("%s", "{}")
    try:
        read(VALUE)
    except LookupError:
        logging.getLogger("philae").exception("delivery.unexpected")
    written = (tmp_path / "own.log").read_text()

    assert written.startswith("MINE INFO delivery.sent to [UID]\nMINE ERROR delivery.unexpected\n")
    assert "builtins.LookupError" in written
    assert VALUE not in written
    assert capsys.readouterr().err == ""
    assert (tmp_path / "logs" / "clinical.log").read_text() == "{}\n"


def test_the_users_own_configuration_may_send_the_clinical_log_elsewhere(tmp_path: Path) -> None:
    own = f"{OWN.format(file=tmp_path / 'own.log')}loggers: {{{CLINICAL}: {{level: INFO, handlers: [file]}}}}\n"
    (tmp_path / "own.yml").write_text(own)
    start_logging(settings(tmp_path, log_config=tmp_path / "own.yml"))

    logging.getLogger(CLINICAL).info("%s", "{}")

    assert (tmp_path / "own.log").read_text() == "MINE INFO {}\n"
    assert not (tmp_path / "logs").exists()


@pytest.mark.parametrize("text", ["- a list", "root: {handlers: [nobody]}", "a: b: c", "version: 7"])
def test_a_logging_configuration_that_cannot_be_used_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_text(text)

    with pytest.raises(UnusableLogConfig, match=r"own\.yml: \S"):
        start_logging(settings(tmp_path, log_config=tmp_path / "own.yml"))
