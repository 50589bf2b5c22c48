"""Answers that are only known when an element's turn comes."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from philae.deid.actions import Action, Outcome, Result

if TYPE_CHECKING:
    from philae.deid.context import Context, Element, Value
    from philae.deid.expressions import Condition
    from philae.deid.instance import Instance


class Question(Action):
    """An answer that depends on the value, its neighbours or the instance: asked when an element's turn comes."""

    is_about_instance: bool = True
    """Whether the answer depends on more than the bytes of the dataset or item that the element stands in."""

    @abstractmethod
    def answer(self, element: Element, instance: Instance) -> Action | None:
        """What happens to this element; None leaves it to the next profile element. Never a question."""

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
    def answer(self, element: Element, instance: Instance) -> Action | None:
        if not instance.holds(self._condition):
            return None
        action = self._action
        return action.answer(element, instance) if isinstance(action, Question) else action
