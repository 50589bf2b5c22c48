"""What a settings model says against a form, in words that stand at its controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


def faults_of(error: ValidationError) -> dict[str, str]:
    """By the name of the control, the first of each."""
    return {str(each["loc"][0]): each["msg"].removeprefix("Value error, ") for each in reversed(error.errors())}
