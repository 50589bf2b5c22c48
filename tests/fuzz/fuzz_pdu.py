"""Coverage-guided fuzzing of the upper layer: ``python tests/fuzz/fuzz_pdu.py [corpus] -max_total_time=600``.

The first byte of an input says where it is fed: to an acceptor that awaits a request, to one whose association is
established, or to a requestor. The second sets the length of reads. Needs ``atheris``, which no other test needs.
"""

import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from philae.dimse.associate import AssociateRequest, number_contexts
from philae.dimse.association import UpperLayer
from philae.dimse.limits import Limits
from philae.dimse.responses import Responses
from philae.dimse.states import State
from tests.support.association import CONTEXTS, Application, Conversation, established

LIMITS = Limits(max_command_length=2000, max_dataset_bytes=20_000, max_pdu_accepted=30_000, max_negotiation_length=9000)


def feed(layer: UpperLayer, stream: bytes, step: int) -> None:
    """Reads of at most ``step`` bytes."""
    while stream:
        buffer = layer.get_buffer()
        assert 0 < len(buffer) <= 1024 * 1024
        count = min(len(buffer), len(stream), step)
        buffer[:count] = stream[:count]
        layer.updated(count)
        stream = stream[count:]


def fuzz_acceptor(conversation: Conversation, stream: bytes, step: int) -> None:
    feed(conversation.layer, stream, step)
    if conversation.layer.fault is not None:
        assert conversation.last_abort is not None
    conversation.layer.closed()
    assert conversation.layer.state is State.IDLE
    assert all(instance.ending != "open" for instance in conversation.application.instances)
    assert len(conversation.application.endings) == len(conversation.application.requests)


def fuzz_requestor(stream: bytes, step: int) -> None:
    sent: list[bytes] = []
    request = AssociateRequest("PEER", "PHILAE", number_contexts(CONTEXTS))
    user = Responses(request.contexts)
    layer = UpperLayer(user, sent.append, LIMITS)
    layer.connected(request)
    feed(layer, stream, step)
    layer.closed()
    assert user.error is not None


def fuzz_one(data: bytes) -> None:
    """One input, as described above."""
    if len(data) < 2:
        return
    where, step, stream = data[0] % 3, data[1] or 4096, data[2:]
    if where == 0:
        fuzz_acceptor(Conversation(Application(), LIMITS), stream, step)
    elif where == 1:
        fuzz_acceptor(established(Application(), LIMITS), stream, step)
    else:
        fuzz_requestor(stream, step)


def main() -> None:
    atheris = import_module("atheris")  # only here: the rest of the suite must not need it
    atheris.instrument_all()
    atheris.Setup(sys.argv, fuzz_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
