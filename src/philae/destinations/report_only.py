"""A destination that nothing goes to: instances are prepared as for any other, and only reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from philae.admin.doctor import Said, Step
from philae.config.kinds import DestinationSettings
from philae.pipeline.model import Receipt
from philae.pipeline.outcome import State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from philae.admin.doctor import Case
    from philae.config.forward_node import ForwardNode
    from philae.pipeline.model import Outgoing


class ReportOnlySettings(DestinationSettings):
    """``{kind: report_only}``: Karnak's virtual destination."""

    kind_name: ClassVar[str] = "report_only"
    kind: Literal["report_only"] = "report_only"


class ReportOnlySender:
    """Says of every instance what would have gone out."""

    def __init__(self, _settings: ReportOnlySettings, _node: ForwardNode) -> None:
        """Nothing to open."""

    def deliver(
        self, _wanted: Collection[tuple[str, str]], outgoings: Iterator[Outgoing]
    ) -> Iterator[tuple[Outgoing, Receipt]]:
        """Nothing leaves the gateway."""
        for outgoing in outgoings:
            yield outgoing, Receipt(State.SIMULATED, f"{outgoing.body.length} bytes would have been sent")

    def close(self) -> None:
        """Nothing is open."""


class ReportOnlyDoctor:
    """Has nothing to reach."""

    endpoint = None

    def __init__(self, _settings: ReportOnlySettings, _case: Case) -> None:
        """Nothing to open."""

    def steps(self) -> Iterator[Step]:
        """Says so."""
        yield Step("destination", lambda: Said("nothing leaves the gateway for it"))

    def close(self) -> None:
        """Nothing is open."""
