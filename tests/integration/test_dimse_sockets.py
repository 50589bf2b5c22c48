"""Acceptor and requestor over real sockets: limits, silence, stops, peers that break off."""

import os
import resource
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from philae.dimse import pdu
from philae.dimse.associate import ACCEPTED, AnsweredContext, AssociateAccept, ProposedContext, encode_accept
from philae.dimse.commands import Status
from philae.dimse.errors import AssociationAborted, AssociationRejected, ConnectFailed, ProtocolError, Timeout
from philae.dimse.fragments import Buffer
from philae.dimse.handler import StoreRequest, StoreSink
from philae.dimse.items import UserInformation
from philae.dimse.limits import Limits, Timeouts
from philae.dimse.requestor import Address, Association
from tests.support.association import (
    CONTEXTS,
    CT,
    EXPLICIT_LE,
    Application,
    Instance,
    echo_bytes,
    request_bytes,
    store_bytes,
)
from tests.support.listening import certificates, listening

HOST = "127.0.0.1"
QUICK = Timeouts(connect_s=5, associate_s=5, send_s=1, response_s=1, release_s=1)


def address(port: int, tls: ssl.SSLContext | None = None, timeouts: Timeouts = QUICK) -> Address:
    return Address(HOST, port, "PHILAE", "CT01", tls, timeouts)


def connect(port: int) -> Association:
    return Association.connect(address(port), CONTEXTS)


def send(association: Association, data: bytes) -> int:
    return association.send_store(1, CT, "1.2.3", [data], length=len(data))


def send_on_and_on(association: Association) -> None:
    for _ in range(100):
        send(association, bytes(1_000_000))


def until(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < ends, "never happened"
        time.sleep(0.01)


def everything(connected: socket.socket) -> bytes:
    received = b""
    while block := connected.recv(65536):
        received += block
    return received


@contextmanager
def peer(behaviour: Callable[[socket.socket], None]) -> Iterator[int]:
    """A peer of one connection that does as told."""

    def serve() -> None:
        connected, _ = listener.accept()
        with connected:
            behaviour(connected)

    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def accept_association(connected: socket.socket, max_pdu: int = 16384) -> None:
    connected.recv(65536)
    contexts = (AnsweredContext(1, ACCEPTED, EXPLICIT_LE), AnsweredContext(3, ACCEPTED, "1.2.840.10008.1.2"))
    connected.sendall(encode_accept(AssociateAccept("A", "B", contexts, UserInformation(max_pdu))))


@dataclass
class Quick(Instance):
    waits: bool = False


@pytest.mark.parametrize("kind", [Instance, Quick])
def test_instances_sent_ahead_all_arrive_and_are_answered_in_order(kind: type[Instance]) -> None:
    application = Application(instance=kind)
    data = [os.urandom(200_000 + at) for at in range(40)]

    with listening(application) as (port, _), connect(port) as association:
        sent = [send(association, instance) for instance in data]
        answered = [association.store_response().message_id for _ in sent]

    assert answered == sent
    assert [bytes(instance.data) for instance in application.instances] == data


def test_segments_of_any_kind_and_size_arrive_as_one_dataset() -> None:
    application = Application()
    whole = os.urandom(3_000_000)
    segments: list[Buffer] = [
        whole[:1],
        bytearray(whole[1:7]),
        memoryview(whole)[7:500_000],
        b"",
        memoryview(whole)[500_000:],
    ]

    with listening(application, Limits(max_pdu_length=5000)) as (port, _), connect(port) as association:
        association.send_store(1, CT, "1.2.3", iter(segments), length=len(whole))
        assert association.store_response().status == 0

    assert application.instances[0].data == whole


def test_segments_are_sent_over_tls_too(tmp_path: Path) -> None:
    application = Application()
    keys = certificates(tmp_path)
    whole = os.urandom(2_000_000)

    with (
        listening(application, tls=keys.server) as (port, _),
        Association.connect(address(port, tls=keys.client), CONTEXTS) as association,
    ):
        assert association.is_open
        for _ in range(3):
            association.send_store(1, CT, "1.2.3", [whole[:9], whole[9:]], length=len(whole))
        assert [association.store_response().status for _ in range(3)] == [0, 0, 0]

    assert [instance.data == whole for instance in application.instances] == [True] * 3


def test_a_certificate_nobody_vouches_for_is_refused_by_the_requestor(tmp_path: Path) -> None:
    keys = certificates(tmp_path)

    with listening(Application(), tls=keys.server) as (port, _), pytest.raises(ConnectFailed, match="TLS"):
        Association.connect(address(port, tls=ssl.create_default_context()), CONTEXTS)


def test_a_port_nobody_listens_on_is_named() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(ConnectFailed, match=f"{HOST}:{port}"):
        connect(port)


def test_one_association_too_many_is_rejected_for_now_and_welcome_later() -> None:
    with listening(Application(), Limits(max_associations=1)) as (port, acceptor):
        with connect(port) as first:
            with pytest.raises(AssociationRejected, match="local limit exceeded") as told:
                connect(port)
            assert first.echo() == Status(0)
        until(lambda: acceptor.active == 0)
        with connect(port) as later:
            assert later.echo() == Status(0)

    assert told.value.transient


def test_a_flood_of_silent_connections_is_cut_off_and_the_gate_stays_open() -> None:
    with listening(Application(), Limits(max_associations=4, artim_s=2)) as (port, acceptor):
        silent = [socket.create_connection((HOST, port)) for _ in range(60)]
        until(lambda: acceptor.active == 24)
        for connected in silent:
            connected.close()
        until(lambda: acceptor.active == 0)
        with connect(port) as association:
            assert association.echo() == Status(0)


def test_a_peer_that_never_asks_is_dropped_by_artim() -> None:
    with listening(Application(), Limits(artim_s=0.2)) as (port, _), socket.create_connection((HOST, port)) as silent:
        assert everything(silent) == b""


def test_a_peer_that_asks_byte_by_byte_gets_no_more_time() -> None:
    def dropped() -> bool:
        try:
            slow.sendall(request_bytes()[:1])
        except OSError:
            return True
        return False

    with (
        listening(Application(), Limits(artim_s=0.5)) as (port, _),
        socket.create_connection((HOST, port)) as slow,
    ):
        until(dropped)


def test_an_association_that_goes_silent_in_mid_instance_is_aborted_and_the_instance_abandoned() -> None:
    application = Application()

    with listening(application, Limits(idle_s=0.3)) as (port, _), socket.create_connection((HOST, port)) as silent:
        silent.sendall(request_bytes() + store_bytes(bytes(1000))[:-100])
        received = everything(silent)

    assert received.endswith(pdu.encode_abort(pdu.Abort(pdu.SOURCE_USER, 0)))
    assert application.instances[0].ending == "abandoned"
    assert application.endings == ["the peer was silent for 0.3 s"]


def test_a_stop_lets_the_instance_in_hand_finish_then_aborts() -> None:
    application = Application()
    message = store_bytes(bytes(1000))

    with listening(application) as (port, acceptor), socket.create_connection((HOST, port)) as sender:
        sender.sendall(request_bytes() + message[:-10])
        until(lambda: bool(application.instances and application.instances[0].data))
        stopping = threading.Thread(target=acceptor.stop, args=(20,))
        stopping.start()
        until(lambda: acceptor._stopping)
        sender.sendall(message[-10:])
        received = everything(sender)
        stopping.join()

    assert application.instances[0].ending == "finished"
    assert received.endswith(pdu.encode_abort(pdu.Abort(pdu.SOURCE_USER, 0)))
    assert received.count(b"\4\0\0\0") >= 1
    assert application.endings == ["stopped"]


def test_a_stop_aborts_idle_associations_at_once_and_busy_ones_after_the_limit() -> None:
    application = Application()

    with listening(application) as (port, acceptor), socket.create_connection((HOST, port)) as busy:
        busy.sendall(request_bytes() + store_bytes(bytes(1000))[:-10])
        idle = connect(port)
        until(lambda: len(application.instances) == 1)
        acceptor.stop(drain_s=0.2)
        assert not idle.is_open
        idle.abort()
        assert everything(busy).endswith(pdu.encode_abort(pdu.Abort(pdu.SOURCE_USER, 0)))

    assert application.instances[0].ending == "abandoned"
    assert acceptor.active == 0


def test_running_out_of_file_descriptors_does_not_end_the_acceptor() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    with listening(Application()) as (port, acceptor):
        clients = [socket.socket() for _ in range(20)]
        in_use = max(int(link.name) for link in Path("/proc/self/fd").iterdir())
        resource.setrlimit(resource.RLIMIT_NOFILE, (in_use + 1, before[1]))
        try:
            for client in clients:
                client.connect((HOST, port))
            time.sleep(0.3)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        for client in clients:
            client.close()
        until(lambda: acceptor.active == 0)
        with connect(port) as association:
            assert association.echo() == Status(0)


def test_a_handler_that_raises_costs_only_its_own_association(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", reported.append)

    class Faulty(Application):
        def store(self, request: StoreRequest) -> StoreSink | Status:
            if not self.endings:
                raise KeyError("planted")
            return super().store(request)

    application = Faulty()
    with listening(application) as (port, _):
        association = connect(port)
        send(association, b"data")
        with pytest.raises(AssociationAborted, match="aborted by the application"):
            association.store_response()
        with connect(port) as other:
            send(other, b"data")
            assert other.store_response().status == 0
        until(lambda: bool(reported))

    assert [fault.exc_type for fault in reported] == [KeyError]
    assert application.endings[0] == "the handler failed"


def test_an_instance_that_is_long_in_being_kept_holds_up_no_other_association() -> None:
    kept = threading.Event()

    class Slow(Instance):
        def finish(self) -> Status:
            assert self.request.sop_instance_uid != "1.2.4" or kept.wait(20)
            return super().finish()

    application = Application(instance=Slow)
    with listening(application) as (port, _), connect(port) as slow, connect(port) as other:
        slow.send_store(1, CT, "1.2.4", [b"data"], length=4)
        until(lambda: bool(application.instances))
        for _ in range(3):
            send(other, b"data")
            assert other.store_response().status == 0
        endings = [instance.ending for instance in application.instances]
        kept.set()
        assert slow.store_response().status == 0

    assert endings == ["open", "finished", "finished", "finished"]


def test_a_peer_that_reads_no_answers_holds_up_no_other_association() -> None:
    limits = Limits(send_s=30)
    with listening(Application(), limits) as (port, _), socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect((HOST, port))
        deaf.sendall(request_bytes())
        deaf.settimeout(1)
        with pytest.raises(TimeoutError):
            deaf.sendall(200_000 * echo_bytes())
        with connect(port) as other:
            assert other.echo() == Status(0)
        deaf.settimeout(20)
        answered = deaf.recv(1_000_000)

    assert answered


def test_a_peer_that_aborts_while_we_send_is_quoted() -> None:
    def abort(connected: socket.socket) -> None:
        accept_association(connected)
        connected.recv(1000)
        connected.sendall(pdu.encode_abort(pdu.Abort(pdu.SOURCE_PROVIDER, 6)))

    with peer(abort) as port:
        association = connect(port)
        with pytest.raises(AssociationAborted, match="invalid parameter"):
            send_on_and_on(association)
        assert not association.is_open


def test_a_peer_that_aborts_and_reads_no_more_is_noticed_although_the_connection_stays() -> None:
    done = threading.Event()

    def abort(connected: socket.socket) -> None:
        accept_association(connected)
        connected.recv(1000)
        connected.sendall(pdu.encode_abort(pdu.Abort(pdu.SOURCE_USER, 0)))
        done.wait(20)

    with peer(abort) as port:
        association = Association.connect(address(port, timeouts=replace(QUICK, send_s=60)), CONTEXTS)
        with pytest.raises(AssociationAborted, match="aborted by the application"):
            send(association, bytes(50_000_000))
        done.set()


def test_a_peer_that_takes_nothing_is_given_up() -> None:
    done = threading.Event()

    def stall(connected: socket.socket) -> None:
        accept_association(connected)
        done.wait(20)

    with peer(stall) as port:
        association = connect(port)
        with pytest.raises(Timeout, match="took no data"):
            send(association, bytes(50_000_000))
        assert not association.is_open
        done.set()


def test_a_peer_that_never_answers_is_given_up() -> None:
    def swallow(connected: socket.socket) -> None:
        accept_association(connected)
        everything(connected)

    with peer(swallow) as port:
        association = connect(port)
        send(association, b"data")
        with pytest.raises(Timeout, match="silent"):
            association.store_response()
        assert not association.is_open


def test_a_peer_that_resets_the_connection_is_reported_as_gone() -> None:
    def reset(connected: socket.socket) -> None:
        accept_association(connected)
        connected.recv(10)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with peer(reset) as port:
        association = connect(port)
        with pytest.raises(AssociationAborted, match="without release or abort"):
            send_on_and_on(association)


def test_a_peer_that_answers_nonsense_is_aborted() -> None:
    heard: list[bytes] = []

    def nonsense(connected: socket.socket) -> None:
        connected.recv(65536)
        connected.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        heard.append(everything(connected))

    with peer(nonsense) as port, pytest.raises(ProtocolError, match="48H"):
        connect(port)

    assert heard == [pdu.encode_abort(pdu.Abort(pdu.SOURCE_PROVIDER, 1))]


def test_a_peer_that_releases_in_between_is_not_open_any_more() -> None:
    established = threading.Event()

    def release(connected: socket.socket) -> None:
        accept_association(connected)
        established.wait(20)
        connected.sendall(pdu.RELEASE_RQ_BYTES)
        assert connected.recv(100) == pdu.RELEASE_RP_BYTES

    with peer(release) as port:
        association = connect(port)
        established.set()
        until(lambda: not association.is_open)
        with pytest.raises(AssociationAborted, match="released"):
            send(association, b"data")
        association.release()


@pytest.mark.parametrize("announced", [5, 15])
def test_segments_of_another_length_than_announced_end_the_association(announced: int) -> None:
    application = Application()

    with listening(application) as (port, acceptor):
        association = connect(port)
        with pytest.raises(ValueError, match="segments hold"):
            association.send_store(1, CT, "1.2.3", [b"x" * 10], length=announced)
        assert not association.is_open
        until(lambda: acceptor.active == 0)

    assert {instance.ending for instance in application.instances} <= {"abandoned"}


def test_segments_that_raise_end_the_association_and_the_exception_passes() -> None:
    def segments() -> Iterator[bytes]:
        yield bytes(2_000_000)
        raise FileNotFoundError("spool")

    with listening(Application()) as (port, _):
        association = connect(port)
        with pytest.raises(FileNotFoundError):
            association.send_store(1, CT, "1.2.3", segments(), length=4_000_000)
        assert not association.is_open


def test_an_exception_inside_the_block_aborts_instead_of_releasing() -> None:
    application = Application()

    with listening(application) as (port, acceptor):
        with pytest.raises(LookupError), connect(port):
            raise LookupError
        until(lambda: acceptor.active == 0)

    assert application.endings == ["the peer ended the association: aborted by the application"]


def test_a_context_that_was_not_accepted_cannot_be_sent_in() -> None:
    with listening(Application()) as (port, _):
        contexts = [ProposedContext("1.2.840.10008.5.1.4.31", (EXPLICIT_LE,))]
        with Association.connect(address(port), contexts) as association:
            assert association.contexts == {}
            with pytest.raises(ValueError, match="not accepted"):
                send(association, b"data")
            with pytest.raises(ValueError, match="Verification"):
                association.echo()


def test_a_client_certificate_is_asked_for_when_the_server_wants_one(tmp_path: Path) -> None:
    keys = certificates(tmp_path)
    anonymous = ssl.create_default_context(cafile=keys.authority_file)

    with listening(Application(), tls=keys.server) as (port, _), pytest.raises((ConnectFailed, AssociationAborted)):
        Association.connect(address(port, tls=anonymous), CONTEXTS)


def test_an_instance_cut_short_is_abandoned_and_never_answered() -> None:
    application = Application()

    with listening(application) as (port, _), socket.create_connection((HOST, port)) as sender:
        sender.sendall(request_bytes() + store_bytes(bytes(1000))[:-1])
        sender.shutdown(socket.SHUT_WR)
        received = everything(sender)

    assert [instance.ending for instance in application.instances] == ["abandoned"]
    assert len(received) == 6 + int.from_bytes(received[2:6], "big")
