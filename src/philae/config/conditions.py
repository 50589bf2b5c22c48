"""Conditions of destinations, refused before the first instance is held because of one."""

from __future__ import annotations

from philae.deid.expressions import ExpressionError, compile_condition


def checked_condition(text: str) -> str:
    """The condition itself; empty, nothing is asked. Raises ``ValueError`` that names what is wrong and what is right."""
    if not text.strip():
        return ""
    try:
        compile_condition(text)
    except ExpressionError as error:
        line = f"line {error.line}, " if error.line > 1 else ""
        raise ValueError(f"{line}column {error.column}: {error.problem}; {error.remedy}") from error
    return text
