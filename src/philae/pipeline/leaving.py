"""What the ways to change an instance, or to leave it alone, have in common."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from philae.pipeline.body import Body
from philae.pipeline.model import Outgoing
from philae.pipeline.outcome import TryAgain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from philae.deid.output import Output
    from philae.deid.requests import Reply, Request
    from philae.dicom.identify import Identifiers
    from philae.pipeline.model import Delivery
    from philae.pipeline.ports import SpoolFile

    Asking = Callable[[Collection[Request]], Mapping[Request, Reply]]


def leaving(delivery: Delivery, file: SpoolFile, output: Output, names: Identifiers | None = None) -> Outgoing:
    """The ``output`` as it is handed to a sender. ``names``: its identifiers where they are not the original's."""
    return Outgoing(
        delivery=delivery,
        sop_class_uid=output.plan.sop_class_uid,
        sop_instance_uid=output.plan.sop_instance_uid,
        study_instance_uid=output.plan.study_instance_uid,
        transfer_syntax_uid=output.syntax.uid,
        body=Body(file, output.pieces),
        names=names,
        remark=output.remark,
    )


@contextmanager
def room_for_pixels() -> Iterator[None]:
    """Raises `TryAgain` when new pixels could not be laid down."""
    try:
        yield
    except OSError as error:
        raise TryAgain(f"no room to lay down its new pixels: {error.strerror}; free space in TMPDIR") from error
