"""What the answer to a C-STORE means for its delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.dicom.status import store_status
from philae.pipeline.model import Receipt
from philae.pipeline.outcome import Busy, Refused, State, TryAgain

if TYPE_CHECKING:
    from philae.dimse.requestor import StoreResponse

DUPLICATE: Final = 0x0111
PROCESSING_FAILURE: Final = 0x0110


def judged(response: StoreResponse, remark: str, *, commits: bool = False) -> Receipt | TryAgain | Refused:
    """``remark`` goes into the record of an instance that was taken. ``commits``: the receiver is to commit itself."""
    status = store_status(response.status)
    code = f"{status.code:04X}H"
    words = f"{status}: {response.comment}" if response.comment else str(status)
    if status.stored:
        return Receipt(State.SENT, f"{words}{remark}", code, is_uncommitted=commits)
    if status.code == DUPLICATE:
        return Receipt(State.ALREADY_PRESENT, words, code, is_uncommitted=commits)
    if not status.transient:
        return Refused(words, code=code)
    return TryAgain(words, code=code) if status.code == PROCESSING_FAILURE else Busy(words, code=code)
