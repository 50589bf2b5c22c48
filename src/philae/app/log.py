"""Logs: one JSON object a line on standard error, one event a step, never a patient's value."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import TypeAlias

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

log = logging.getLogger(__name__)


def log_to_stderr(level: str) -> None:
    """Send every logger's events of this level and above, and what breaks a thread, to standard error."""
    stamped: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=stamped,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_words,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    threading.excepthook = _thread_broke


def without_words(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Where an exception was raised and its kind, not its words: they may quote a patient's value."""
    found: ExcInfo | None = event.pop("exc_info", None)
    if found and found[1] is not None:
        event["exception"] = "\n".join(_lines(found[1]))
    return event


def _lines(error: BaseException) -> Iterator[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _lines(cause)
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"{frame.filename}:{frame.lineno} {frame.name}"
    errno = f" errno {error.errno}" if isinstance(error, OSError) else ""
    yield f"{type(error).__module__}.{type(error).__qualname__}{errno}"


def _thread_broke(broken: threading.ExceptHookArgs) -> None:
    if broken.exc_value is not None and not issubclass(broken.exc_type, SystemExit):
        name = broken.thread.name if broken.thread else ""
        log.critical("thread.broke", exc_info=broken.exc_value, extra={"thread_name": name})
