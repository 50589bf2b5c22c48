"""Logs: one event a step with our own ids, never a patient's value; JSON in production, words in development."""

from __future__ import annotations

import logging
import logging.config
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog
import yaml

from philae.app.clinical import CLINICAL
from philae.app.log_file import SharedFile
from philae.app.redacting import Redacting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from structlog.typing import Processor

    from philae.config.settings import Settings

log = logging.getLogger(__name__)

FOLDER: Final = "logs"
"""In the data folder."""


class UnusableLogConfig(Exception):
    """The user's own logging configuration cannot be used; the message says why."""


def start_logging(settings: Settings) -> None:
    """Send every logger's events, and what breaks a thread, where the settings say. Raises `UnusableLogConfig`."""
    folder = settings.data / FOLDER
    is_development = settings.log_mode == "development"
    if settings.log_config is not None:
        configured = _apply(settings.log_config)
    else:
        configured = frozenset()
        handlers = [_console(is_development=is_development)]
        if not is_development:
            handlers.append(_general_file(folder, settings))
        logging.basicConfig(level=settings.log_level.upper(), handlers=handlers, force=True)
        for chatty in ("alembic", "openjpeg"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
    _start_clinical(folder, settings, is_ours=CLINICAL not in configured)
    for handler in _handlers():
        handler.addFilter(Redacting())
    logging.captureWarnings(capture=True)
    threading.excepthook = _thread_broke


def _console(*, is_development: bool) -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    words = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    handler.setFormatter(_formatter(words if is_development else structlog.processors.JSONRenderer()))
    return handler


def _general_file(folder: Path, settings: Settings) -> logging.Handler:
    handler = SharedFile(folder / "philae.log", settings.log_max_bytes, settings.log_files)
    handler.setFormatter(_formatter(structlog.processors.JSONRenderer()))
    return handler


def _formatter(renderer: Processor) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _start_clinical(folder: Path, settings: Settings, *, is_ours: bool) -> None:
    """Its own file, and no other log; unless the user's configuration says where it goes."""
    clinical = logging.getLogger(CLINICAL)
    clinical.propagate = False
    if is_ours:
        handler = SharedFile(folder / "clinical.log", settings.clinical_log_max_bytes, settings.clinical_log_files)
        handler.setFormatter(logging.Formatter("%(message)s"))
        clinical.handlers[:] = [handler]
        clinical.setLevel(logging.INFO)


def _apply(path: Path) -> frozenset[str]:
    """Use the user's configuration; the names of the loggers that it speaks of."""
    try:
        document = _mapping(yaml.safe_load(path.read_text(encoding="utf-8")))
        logging.config.dictConfig({"version": 1, "disable_existing_loggers": False, **document})
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError, TypeError, AttributeError, ImportError) as error:
        raise UnusableLogConfig(f"cannot use the logging configuration in {path}: {error}") from error
    return frozenset(document.get("loggers") or ())


def _mapping(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise TypeError("it is no mapping; see logging.config.dictConfig of Python")
    return document


def _handlers() -> Iterator[logging.Handler]:
    """Every handler but those of the clinical log, which is there to hold what others must not."""
    named = (each for each in logging.Logger.manager.loggerDict.values() if isinstance(each, logging.Logger))
    found = [handler for each in (logging.getLogger(), *named) if each.name != CLINICAL for handler in each.handlers]
    yield from dict.fromkeys(found)


def _thread_broke(broken: threading.ExceptHookArgs) -> None:
    if broken.exc_value is not None and not issubclass(broken.exc_type, SystemExit):
        name = broken.thread.name if broken.thread else ""
        log.critical("thread.broke", exc_info=broken.exc_value, extra={"thread_name": name})
