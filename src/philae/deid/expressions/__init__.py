"""The language of conditions, of expressions on elements and of ``{{ }}`` in templates: closed, compiled once."""

from philae.deid.expressions.compiled import (
    Condition,
    Expression,
    WalkedElement,
    compile_condition,
    compile_expression,
)
from philae.deid.expressions.decisions import (
    Added,
    Decision,
    Emptied,
    Excluded,
    Hashed,
    Kept,
    Removed,
    Replaced,
)
from philae.deid.expressions.errors import ExpressionError
from philae.deid.expressions.template import Form, Template, compile_template

__all__ = [
    "Added",
    "Condition",
    "Decision",
    "Emptied",
    "Excluded",
    "Expression",
    "ExpressionError",
    "Form",
    "Hashed",
    "Kept",
    "Removed",
    "Replaced",
    "Template",
    "WalkedElement",
    "compile_condition",
    "compile_expression",
    "compile_template",
]
