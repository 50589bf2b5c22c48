"""Takes out of log records what may name a patient or give a secret away, before any handler sees them."""

from __future__ import annotations

import logging
import re
import traceback
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from philae.admin.redaction import SECRET, redacted

if TYPE_CHECKING:
    from collections.abc import Iterator

LEFT_OUT: Final = "[left out]"
_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
"""What every record has; anything else was given with the event."""
_QUOTING: Final = ("py.warnings", "pydicom", "PIL")
"""Loggers whose words quote values of a dataset."""
_IDENTIFYING: Final = re.compile(r"patient|accession|pseudonym|issuer|birth|_uid$")
_TOLD: Final = frozenset({"sop_class_uid", "transfer_syntax_uid", "pseudonyms"})
_SECRET: Final = re.compile(r"password|secret|token|authorization|api_?key|credential")


class Redacting(logging.Filter):
    """Lets every record pass, with nothing in it but our own words, numbers and names of configured things."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _message(record), ()
        for name in vars(record).keys() - _OWN:
            setattr(record, name, _value(name, getattr(record, name)))
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = "\n".join(places_of(record.exc_info[1]))
            vars(record)["exception"] = record.exc_text
        record.exc_info = record.stack_info = None
        return True


def places_of(error: BaseException) -> Iterator[str]:
    """Where an exception was raised and its kind, not its words: they may quote a patient's value."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from places_of(cause)
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"{frame.filename}:{frame.lineno} {frame.name}"
    errno = f" errno {error.errno}" if isinstance(error, OSError) else ""
    yield f"{type(error).__module__}.{type(error).__qualname__}{errno}"


def _message(record: logging.LogRecord) -> str:
    if record.name.split(".")[0] in _QUOTING or record.name in _QUOTING:
        return f"{LEFT_OUT} (said in {record.pathname}:{record.lineno})"
    try:
        return redacted(record.getMessage())
    except (TypeError, ValueError):
        return LEFT_OUT


def _value(name: str, value: object) -> object:
    if _SECRET.search(name):
        return SECRET
    if _IDENTIFYING.search(name) and name not in _TOLD:
        return LEFT_OUT
    return _plain(value)


def _plain(value: object) -> object:
    """Numbers and redacted texts; of anything else, which may be or hold a dataset, only its kind."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return f"[{type(value).__name__}]"
