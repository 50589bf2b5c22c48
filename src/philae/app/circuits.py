"""The circuits of a worker's destinations, and what the ledger is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from philae.pipeline.circuit import Circuit

if TYPE_CHECKING:
    from philae.config.destination import Destination
    from philae.pipeline.circuit import Trouble
    from philae.pipeline.ports import Ledger
    from philae.pipeline.retry import RetryCurve


class Circuits:
    """One circuit for all lanes of a destination, as long as it stays configured as it is."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[int, tuple[Destination | None, Circuit]] = {}
        self._noted: dict[int, Trouble | None] = {}

    def of(self, destination_id: int, destination: Destination | None, curve: RetryCurve) -> Circuit:
        """A new one knows since when the destination has been out of reach. Raises `LedgerUnavailable`."""
        known = self._known.get(destination_id)
        if known is None or known[0] != destination:
            circuit = Circuit(curve, self._ledger.down_since(destination_id))
            known = self._known[destination_id] = destination, circuit
        return known[1]

    def trouble_of(self, destination_id: int) -> Trouble | None:
        """Why a destination that has a circuit cannot be reached now."""
        return self._known[destination_id][1].trouble

    def note(self) -> None:
        """Tell the ledger what they have learnt since the last call. Raises `LedgerUnavailable`."""
        for destination_id, (_, circuit) in list(self._known.items()):
            trouble = circuit.trouble
            is_known = trouble is not None or circuit.has_answered
            is_news = destination_id not in self._noted or self._noted[destination_id] != trouble
            if is_known and is_news:
                self._ledger.note_contact(destination_id, trouble)
                self._noted[destination_id] = trouble
