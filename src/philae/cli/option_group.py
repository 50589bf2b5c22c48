"""Options that several commands share: the fields of one frozen dataclass."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import wraps
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable


def takes(options: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """For a command with a parameter ``options`` of this dataclass: Typer sees the fields as options in its place."""
    hints = get_type_hints(options, include_extras=True)
    own = fields(options)
    added = [
        Parameter(
            each.name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if each.default is MISSING else each.default,
            annotation=hints[each.name],
        )
        for each in own
    ]

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def run(**values: Any) -> None:
            command(options=options(**{each.name: values.pop(each.name) for each in own}), **values)

        whole = signature(command, eval_str=True)
        kept = [each for each in whole.parameters.values() if each.name != "options"]
        first = [each for each in kept if each.kind is Parameter.POSITIONAL_OR_KEYWORD]
        ordered = [*first, *added, *(each for each in kept if each not in first)]
        run.__dict__["__signature__"] = whole.replace(parameters=ordered)
        return run

    return decorated
