"""Work that a thread of its own does again and again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from philae.pipeline.ports import LedgerUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from philae.pipeline.wake import Wake

log = logging.getLogger(__name__)


def keep_at(work: Callable[[], object], wake: Wake, every_s: float) -> None:
    """Call ``work`` every ``every_s`` seconds until told to stop. A database that is away is no reason to end."""
    while not wake.stopped:
        try:
            work()
        except LedgerUnavailable as error:
            log.error("ledger.unavailable", extra={"reason": str(error)})
        wake.wait(wake.count, every_s)
