"""Regular expressions in linear time (RE2), small enough to be matched against every instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.deid.expressions.errors import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable

_PATTERN_LIMIT: Final = 1000
_PROGRAM_BYTES: Final = 256 << 10
_MATCHED_LIMIT: Final = 1 << 16


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a whole text matches ``pattern``. Raises `Unanswerable` for patterns that are wrong or too large."""
    import re2  # type: ignore[import-untyped]  # noqa: PLC0415 - loaded when the first pattern comes

    if len(pattern) > _PATTERN_LIMIT:
        raise Unanswerable(f"the pattern has {len(pattern)} characters", f"write at most {_PATTERN_LIMIT}")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _PROGRAM_BYTES
    options.never_capture = True
    try:
        fullmatch = re2.compile(
            pattern.encode("utf-8", "replace"), options
        ).fullmatch  # for bytes: texts cost three times
    except re2.error as fault:
        raise Unanswerable(f"the pattern cannot be used ({_reason(fault)})", _REMEDY) from None

    def matches(text: str) -> bool:
        if len(text) > _MATCHED_LIMIT:
            raise Unanswerable(f"the text to match is longer than {_MATCHED_LIMIT} characters", "use contains instead")
        return fullmatch(text.encode("utf-8", "replace")) is not None

    return matches


_REMEDY: Final = "write it in the syntax of RE2: no look-around, no back-references, few and small repetitions"


def _reason(fault: Exception) -> str:
    reason = fault.args[0] if fault.args else ""
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
