"""A worklist query taken step by step: the network to the server, then C-FIND, each with its time and advice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from philae.admin.doctor import Ill, Said, Step, Verdict
from philae.dimse.errors import DimseError
from philae.tools.node_check import advice_for, network
from philae.tools.worklist import Wanted, Worklist, query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from philae.dimse.address import Address


@dataclass(slots=True)
class WorklistCheck:
    """`philae.admin.doctor.Examination` of a worklist server; ``reach`` are the steps until a connection is made."""

    address: Address
    wanted: Wanted
    reach: Callable[[], Iterable[Step]] = tuple
    worklist: Worklist | None = field(default=None, init=False)
    """What it answered, once it did."""

    def steps(self) -> Iterator[Step]:
        """From the network to the entries."""
        yield from self.reach()
        yield Step("network", lambda: network(self.address))
        yield Step("C-FIND", self._asked)

    def close(self) -> None:
        """Nothing stays open."""

    def _asked(self) -> Said:
        try:
            found = self.worklist = query(self.address, self.wanted)
        except DimseError as error:
            raise Ill(str(error), advice_for(error)) from error
        if found.status and not found.is_cut:
            words = f"{found.status:04X}H{f': {found.comment}' if found.comment else ''}"
            raise Ill(f"the server answers {words}", "its log says why it refuses the query")
        times = f"association {found.association_ms:.1f} ms, query {found.query_ms:.1f} ms"
        counted = f"{len(found.entries)} {'entry' if len(found.entries) == 1 else 'entries'}; {times}"
        if found.is_cut:
            return Said(f"more than {counted}", Verdict.WARNING, "name a day, a modality or a station")
        return Said(counted)
