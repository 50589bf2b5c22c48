"""A destination of Philae, given what a lane gives it."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.clients import Deliver, Share
from philae.config.destination import Destination
from philae.config.forward_node import ForwardNode
from philae.destinations import SETTINGS, sender_for
from philae.dicom.identify import identify
from philae.dicom.part10 import read_meta
from philae.dicom.splice import Span
from philae.pipeline.body import Body
from philae.pipeline.lane import BATCH
from philae.pipeline.model import Delivery, Instance, Outgoing, Receipt
from philae.store.spool_file import MappedFile

HEAD_BYTES = 4096


def deliver_to(settings: Mapping[str, Any]) -> Deliver:
    """Deliver to the destination that ``settings`` describe."""
    destination = Destination.model_validate(
        {"name": "out", "settings": settings}, context={"destination_kinds": SETTINGS}
    )

    node = ForwardNode(ae_title="PHILAE")
    sender_for(destination, node).close()  # loads what it needs, once: a gateway has run for long

    def deliver(share: Share) -> None:
        sender = sender_for(destination, node)
        for first in range(0, len(share), BATCH):
            batch = share[first : first + BATCH]
            outgoings = map(_outgoing, range(len(batch)), batch)
            for outgoing, answer in sender.deliver(_contexts(batch), outgoings):
                outgoing.body.file.close()
                if not isinstance(answer, Receipt):
                    raise answer
        sender.close()

    return deliver


def _contexts(share: Share) -> set[tuple[str, str]]:
    return {(meta.sop_class_uid, meta.transfer_syntax_uid) for meta in map(_meta, share)}


def _meta(path: Path) -> Any:
    with path.open("rb") as file:
        return read_meta(file.read(HEAD_BYTES))


def _outgoing(number: int, path: Path) -> Outgoing:
    """An instance as the path hands it over: mapped, its dataset one range of the file."""
    syntax_uid = _meta(path).transfer_syntax_uid
    mapped = MappedFile(os.open(path, os.O_RDONLY), syntax_uid)
    encoded = mapped.encoded
    names = identify(encoded.source, encoded.start, encoded.end, encoded.syntax, complete=True)
    instance = Instance(number, "PHILAE", "", "", names, syntax_uid, encoded.end, b"", datetime.now(UTC))
    return Outgoing(
        Delivery(instance, 1, 1, 0),
        names.sop_class_uid,
        names.sop_instance_uid,
        names.study_instance_uid,
        syntax_uid,
        Body(mapped, (Span(encoded.start, encoded.end),)),
    )
