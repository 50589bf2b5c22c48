"""Answers that are only known when an element's turn comes."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from philae.deid.actions import Action, Outcome, Remove, Result
from philae.deid.entries import STRUCTURE

if TYPE_CHECKING:
    from philae.deid.context import Context, Value
    from philae.deid.entries import Chain
    from philae.deid.expressions import Condition
    from philae.deid.instance import Instance


class Question(Action):
    """An answer that depends on the value or the instance: asked when an element's turn comes."""

    is_about_instance: bool = True
    """Whether the answer depends on more than the value."""

    @abstractmethod
    def answer(self, value: Value, instance: Instance) -> Action | None:
        """What happens to an element with this value; None leaves it to the next profile element. Never a question."""

    @override
    def apply(self, value: Value, context: Context) -> Result:
        return Outcome.IMPOSSIBLE


class WhenHolds(Question):
    """An answer that counts if a condition on the instance is true."""

    letter: ClassVar[str] = "?"

    def __init__(self, condition: Condition, action: Action) -> None:
        self._condition = condition
        self._action = action

    @override
    def answer(self, value: Value, instance: Instance) -> Action | None:
        if not instance.holds(self._condition):
            return None
        action = self._action
        return action.answer(value, instance) if isinstance(action, Question) else action


class WhenNeededGoes(Question):
    """Remove what makes no sense any more where ``rule`` removes the attribute that ``chain`` is about."""

    letter: ClassVar[str] = "X"

    def __init__(self, chain: Chain, rule: int) -> None:
        self._chain = chain
        self._rule = rule

    @override
    def answer(self, value: Value, instance: Instance) -> Action | None:
        rule, action = answer_to(self._chain, value, instance)
        return action if rule == self._rule and isinstance(action, Remove) else None


def answer_to(chain: Chain, value: Value, instance: Instance) -> tuple[int, Action | None]:
    """What the profile answers for an element with this value, and the position of the profile element.

    No answer is that of `STRUCTURE`.
    """
    for rule, action in chain:
        if not isinstance(action, Question):
            return rule, action
        instance.asked += action.is_about_instance
        instance.rule = rule
        answer = action.answer(value, instance)
        if answer is not None:
            return rule, answer
    return STRUCTURE, None
