"""Receivers that do what a test says, listening on the loopback interface."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from pynetdicom import AE, evt
from typing_extensions import override

from philae.destinations.dicom import DicomSender, DicomSettings
from philae.dimse.acceptor import Acceptor
from philae.dimse.commands import Status
from philae.dimse.errors import ProtocolError
from philae.dimse.handler import StoreRequest, StoreSink
from philae.dimse.limits import Limits
from philae.pipeline.model import Outgoing
from tests.support.association import Application, Instance
from tests.support.lanes import ANSWER, make_node

SUCCESS = Status(0)


class Aborting(Instance):
    """Aborts the association when the first byte arrives."""

    @override
    def write(self, parts: Sequence[memoryview]) -> None:
        raise ProtocolError("the receiver does not like it")


@dataclass
class Hanging(Instance):
    """Answers only when the test allows it."""

    go_on: Event = field(default_factory=Event)

    @override
    def finish(self) -> Status:
        self.go_on.wait(60)
        return super().finish()


@dataclass
class Receiver(Application):
    """``answer``: the status for the n-th instance (1 is the first), "abort" or "hang"."""

    answer: Callable[[int], Status | str] = lambda _: SUCCESS
    go_on: Event = field(default_factory=Event)

    @override
    def store(self, request: StoreRequest) -> StoreSink | Status:
        answer = self.answer(len(self.instances) + 1)
        if answer == "abort":
            self.instances.append(Aborting(request, SUCCESS))
        elif answer == "hang":
            self.instances.append(Hanging(request, SUCCESS, go_on=self.go_on))
        else:
            assert isinstance(answer, Status)
            self.instances.append(Instance(request, answer))
        return self.instances[-1]

    @property
    def stored(self) -> list[str]:
        """SOP Instance UIDs that were answered with success or a warning, in order."""
        return [
            each.request.sop_instance_uid
            for each in self.instances
            if each.ending == "finished" and (each.status.code == 0 or each.status.code >> 12 == 0xB)
        ]


@contextmanager
def receiving(
    receiver: Application, port: int = 0, limits: Limits | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """The port that ``receiver`` listens on."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        acceptor = Acceptor(listener, lambda: receiver, limits or Limits(), tls)
        thread = Thread(target=acceptor.serve_forever)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            if isinstance(receiver, Receiver):
                receiver.go_on.set()
            acceptor.stop(drain_s=0)
            thread.join()


@contextmanager
def choosy(contexts: dict[str, list[str]]) -> Iterator[tuple[int, list[tuple[str, str, bytes]]]]:
    """A pynetdicom receiver of these SOP classes in these syntaxes; its port and (UID, syntax, bytes) of what it got."""
    got: list[tuple[str, str, bytes]] = []

    def store(event: Any) -> int:
        got.append(
            (event.request.AffectedSOPInstanceUID, event.context.transfer_syntax, event.request.DataSet.getvalue())
        )
        return 0

    entity = AE(ae_title="ARCHIVE")
    for sop_class_uid, syntaxes in contexts.items():
        entity.add_supported_context(sop_class_uid, syntaxes)
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
    assert server is not None
    assert server.socket is not None
    try:
        yield server.socket.getsockname()[1], got
    finally:
        server.shutdown()


@contextmanager
def sender_to(port: int, **settings: Any) -> Iterator[DicomSender]:
    """A sender to what listens on a port of this machine."""
    sender = DicomSender(DicomSettings(ae_title="ARCHIVE", hostname="127.0.0.1", port=port, **settings), make_node())
    try:
        yield sender
    finally:
        sender.close()


def delivered(sender: Any, *outgoings: Outgoing) -> list[ANSWER]:
    """What the sender says of each."""
    wanted = {(each.sop_class_uid, each.transfer_syntax_uid) for each in outgoings}
    return [answer for _, answer in sender.deliver(wanted, iter(outgoings))]
