"""What people do about deliveries that are held or failed: let them go, or give them up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from philae.admin.declined import Declined
from philae.admin.deliveries import Wanted
from philae.pipeline.outcome import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from philae.admin.deliveries import DeliveryBook, Facts, Key

AT_ONCE: Final = 250
"""Deliveries a transaction: the lanes write in between."""
LONGEST_REASON: Final = 200
_STOPPED: Final = frozenset({State.HELD, State.FAILED})
_VERBS: Final = {State.HELD: "released", State.FAILED: "retried"}
_NEXT_STEPS: Final = {
    "MissingPatientId": "the instance has no Patient ID: correct it at the sender and send it again, then discard this",
    "MissingPseudonym": "give the patient a pseudonym in the project's source, then release",
    "NotInTable": "add the patient to the project's table; the delivery goes on by itself",
    "IdentifierLeft": "add the attribute that the reason names to the profile, then release",
    "ProfileFaults": "correct the profile, then release",
    "ExpressionError": "correct the expression in the profile, then release",
    "PixelFault": "change the pixel rule of the profile or exclude such instances, then release",
    "Unreadable": "the dataset is damaged: have it sent again, then discard this",
    "MalformedDataset": "the dataset is damaged: have it sent again, then discard this",
    "SpoolFileMissing": "its bytes are gone: have it sent again, then discard this",
    "Unroutable": "put what the reason names back into the configuration, then release",
    "Unexpected": "read the gateway's log, report the fault, then release",
}


class Remedies(Protocol):
    """What the ledger does for them, each in one transaction that passes over what has changed meanwhile."""

    def requeue(self, deliveries: Sequence[Facts], config_version: int | None) -> int:
        """Queue again, under another version of the configuration if one is given; return how many."""

    def exclude(self, deliveries: Sequence[Facts], reason: str) -> int:
        """Give up for this reason, before that for which each had stopped; return how many."""


def next_step(found: Facts) -> str:
    """What a person may do about a delivery; empty where nothing is to be done."""
    if found.state is State.HELD:
        return _NEXT_STEPS.get(found.code, "correct what the reason names, then release; or discard it")
    if found.state is State.FAILED:
        return "correct what the receiver complains of, then retry; or discard it"
    return ""


def requeue(
    book: DeliveryBook,
    remedies: Remedies,
    meant: Wanted | Sequence[Key],
    stopped: State,
    config_version: int | None = None,
) -> int:
    """Let everything meant go that is ``stopped`` (HELD or FAILED), newest first; return how many went.

    With ``config_version`` it goes under that version's profiles. Raises `Declined`, `LedgerUnavailable`; nothing is
    changed when one of the deliveries that are named is not ``stopped``.
    """
    batches = _batches(book, meant, frozenset({stopped}), _VERBS[stopped])
    return sum(remedies.requeue(batch, config_version) for batch in batches)


def discard(book: DeliveryBook, remedies: Remedies, meant: Wanted | Sequence[Key], reason: str, by: str) -> int:
    """Give up everything meant that is held or failed; return how many. Raises as `requeue` does."""
    words = _words(reason, by)
    return sum(remedies.exclude(batch, words) for batch in _batches(book, meant, _STOPPED, "discarded"))


def _batches(
    book: DeliveryBook, meant: Wanted | Sequence[Key], states: frozenset[State], verb: str
) -> Iterator[Sequence[Facts]]:
    if isinstance(meant, Wanted):
        yield from _found(book, meant, states, verb)
    else:
        named = [_stopped(book, key, states, verb) for key in dict.fromkeys(meant)]
        yield from (named[start : start + AT_ONCE] for start in range(0, len(named), AT_ONCE))


def _found(book: DeliveryBook, wanted: Wanted, states: frozenset[State], verb: str) -> Iterator[Sequence[Facts]]:
    """What stops again while this runs is met no second time: the search goes on where it was."""
    meant = wanted.states & states if wanted.states else states
    if not meant:
        raise Declined(f"only {_names(states)} deliveries can be {verb}; ask for those")
    after: Key | None = None
    while batch := book.page(replace(wanted, states=meant), after, AT_ONCE):
        yield batch
        after = batch[-1].key


def _stopped(book: DeliveryBook, key: Key, states: frozenset[State], verb: str) -> Facts:
    found = book.one(key)
    if found is None:
        raise Declined(f"there is no delivery {key}; see `philae deliveries list`")
    if found.state not in states:
        raise Declined(f"delivery {key} is {found.state.name.lower()}: only {_names(states)} ones can be {verb}")
    return found


def _words(reason: str, by: str) -> str:
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise Declined(f"say why in 1 to {LONGEST_REASON} characters")
    return f"discarded by {by}: {reason}"


def _names(states: frozenset[State]) -> str:
    return " and ".join(sorted((state.name.lower() for state in states), reverse=True))
