"""Whether what a profile element asks of instances can be understood: its condition, its expression, its templates."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from philae.deid.expressions import ExpressionError, Form, compile_condition, compile_expression, compile_template

if TYPE_CHECKING:
    from collections.abc import Callable

    from philae.deid.profile import ElementSpec
    from philae.deid.profile_remarks import Remarks


def check_condition(element: ElementSpec, remarks: Remarks) -> None:
    """Every element may have a condition, those included whose condition Karnak does not check (spec Q20)."""
    if element.condition:
        _check("condition", element.condition, compile_condition, remarks)


def check_expression(element: ElementSpec, remarks: Remarks) -> None:
    """The ``expr`` of an element; none is a fault elsewhere."""
    text = element.argument("expr")
    if text:
        _check("arguments.expr", text, compile_expression, remarks)


def check_templates(element: ElementSpec, remarks: Remarks) -> None:
    """The ``url`` and ``body`` of a call."""
    for name, form in (("url", Form.URL), ("body", Form.JSON)):
        text = element.argument(name)
        if text:
            _check(f"arguments.{name}", text, partial(compile_template, form=form), remarks)


def _check(key: str, text: str, understand: Callable[[str], object], remarks: Remarks) -> None:
    try:
        understand(text)
    except ExpressionError as error:
        line = f"line {error.line}, " if error.line > 1 else ""
        remarks.fault(key, f"{line}column {error.column}: {error.problem}", error.remedy)
