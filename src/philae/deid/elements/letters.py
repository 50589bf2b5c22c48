"""The action letters that a profile may name."""

from typing import Final

from philae.deid.actions import Action, Dummy, Empty, Keep, RemapUid, Remove, Replace
from philae.deid.errors import DeidError
from philae.deid.profile import ElementSpec

ACTIONS: Final[dict[str, Action]] = {
    "K": Keep(),
    "X": Remove(),
    "Z": Empty(),
    "D": Replace(""),
    "DDum": Dummy(),
    "U": RemapUid(),
}


def action_of(spec: ElementSpec) -> Action:
    """The action a spec names. Raises `DeidError` for a letter that is none."""
    action = ACTIONS.get(spec.action or "")
    if action is None:
        raise DeidError(f"{spec.codename} {spec.name!r}: action {spec.action!r} is none of {', '.join(ACTIONS)}")
    return action
