"""A sender that takes its time: no more instances and bytes a second than a destination is to get."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from philae.config.sending import RateSettings
    from philae.pipeline.model import Outgoing, Receipt
    from philae.pipeline.outcome import Refused, TryAgain
    from philae.pipeline.ports import Sender


class PacedSender:
    """Waits before an instance for as long as those before it should have taken; ``lanes`` share the rate evenly."""

    def __init__(
        self,
        sender: Sender,
        rate: RateSettings,
        lanes: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sender = sender
        self._seconds_per_instance = lanes / rate.instances_per_s if rate.instances_per_s else 0.0
        self._seconds_per_byte = lanes / rate.bytes_per_s if rate.bytes_per_s else 0.0
        self._clock = clock
        self._sleep = sleep
        self._free_at = clock()

    def deliver(
        self, wanted: Collection[tuple[str, str]], outgoings: Iterator[Outgoing]
    ) -> Iterator[tuple[Outgoing, Receipt | TryAgain | Refused]]:
        """As the sender that it slows down."""
        return self._sender.deliver(wanted, self._paced(outgoings))

    def close(self) -> None:
        """Close the other sender."""
        self._sender.close()

    def _paced(self, outgoings: Iterator[Outgoing]) -> Iterator[Outgoing]:
        """What was not sent while nothing was there to send is not made up for."""
        for outgoing in outgoings:
            wait_s = self._free_at - self._clock()
            if wait_s > 0:
                self._sleep(wait_s)
            takes_s = max(self._seconds_per_instance, self._seconds_per_byte * outgoing.body.length)
            self._free_at = max(self._free_at, self._clock()) + takes_s
            yield outgoing
