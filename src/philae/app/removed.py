"""Answers for a destination that is no longer configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from philae.pipeline.outcome import Refused

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from philae.pipeline.model import Outgoing, Receipt
    from philae.pipeline.outcome import TryAgain


class RemovedSender:
    """Refuses everything, so that nothing waits unseen for a destination that does not exist."""

    def deliver(
        self, _wanted: Collection[tuple[str, str]], outgoings: Iterator[Outgoing]
    ) -> Iterator[tuple[Outgoing, Receipt | TryAgain | Refused]]:
        """Refuse each instance."""
        for outgoing in outgoings:
            yield outgoing, Refused("the destination was removed from the configuration; add it again, then retry")

    def close(self) -> None:
        """Nothing to close."""
