"""A-ASSOCIATE-RQ and A-ASSOCIATE-AC (PS3.8 9.3.2, 9.3.3) as values and as bytes."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from philae.dimse import pdu
from philae.dimse.errors import ProtocolError
from philae.dimse.items import (
    UserInformation,
    decode_user_information,
    encode_user_information,
    item,
    split_items,
    uid_text,
)

APPLICATION_CONTEXT_NAME: Final = "1.2.840.10008.3.1.1.1"
MAX_CONTEXTS: Final = 128
_FIXED: Final = struct.Struct(">HH16s16s32x")

_APPLICATION_CONTEXT: Final = 0x10
_CONTEXT_OFFERED: Final = 0x20
_CONTEXT_ANSWERED: Final = 0x21
_ABSTRACT_SYNTAX: Final = 0x30
_TRANSFER_SYNTAX: Final = 0x40
_USER_INFORMATION: Final = 0x50

ACCEPTED: Final = 0
USER_REJECTED: Final = 1
ABSTRACT_SYNTAX_NOT_SUPPORTED: Final = 3
TRANSFER_SYNTAXES_NOT_SUPPORTED: Final = 4


@dataclass(frozen=True, slots=True)
class ProposedContext:
    """One SOP class and the transfer syntaxes it may come in, the preferred one first."""

    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfferedContext:
    """A presentation context as it stands in an A-ASSOCIATE-RQ."""

    context_id: int
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnsweredContext:
    """A presentation context as it stands in an A-ASSOCIATE-AC."""

    context_id: int
    result: int
    transfer_syntax: str


@dataclass(frozen=True, slots=True)
class AssociateRequest:
    called_ae_title: str
    calling_ae_title: str
    contexts: tuple[OfferedContext, ...]
    user: UserInformation = field(default_factory=UserInformation)
    application_context: str = APPLICATION_CONTEXT_NAME
    protocol_version: int = 1


@dataclass(frozen=True, slots=True)
class AssociateAccept:
    called_ae_title: str
    calling_ae_title: str
    contexts: tuple[AnsweredContext, ...]
    user: UserInformation


def number_contexts(contexts: Sequence[ProposedContext]) -> tuple[OfferedContext, ...]:
    """Gives them the odd ids 1 to 255. Raises ValueError for none or for more than 128."""
    if not 0 < len(contexts) <= MAX_CONTEXTS:
        raise ValueError(f"{len(contexts)} presentation contexts; an association carries 1 to {MAX_CONTEXTS}")
    return tuple(
        OfferedContext(2 * at + 1, context.abstract_syntax, context.transfer_syntaxes)
        for at, context in enumerate(contexts)
    )


def encode_request(request: AssociateRequest) -> bytes:
    contexts = b"".join(_encode_offered(context) for context in request.contexts)
    return pdu.encode(pdu.ASSOCIATE_RQ, _fixed(request) + contexts + _user(request.user))


def encode_accept(accept: AssociateAccept) -> bytes:
    contexts = b"".join(
        item(_CONTEXT_ANSWERED, bytes((c.context_id, 0, c.result, 0)) + _syntax(_TRANSFER_SYNTAX, c.transfer_syntax))
        for c in accept.contexts
    )
    return pdu.encode(pdu.ASSOCIATE_AC, _fixed(accept) + contexts + _user(accept.user))


def _fixed(titles: AssociateRequest | AssociateAccept) -> bytes:
    head = _FIXED.pack(1, 0, _encode_title(titles.called_ae_title), _encode_title(titles.calling_ae_title))
    return head + _syntax(_APPLICATION_CONTEXT, APPLICATION_CONTEXT_NAME)


def _encode_title(title: str) -> bytes:
    encoded = title.encode("latin-1")
    if len(encoded) > 16:
        raise ValueError(f"AE title {title!r} is longer than 16 characters")
    return encoded.ljust(16)


def _encode_offered(context: OfferedContext) -> bytes:
    syntaxes = b"".join(_syntax(_TRANSFER_SYNTAX, uid) for uid in context.transfer_syntaxes)
    abstract = _syntax(_ABSTRACT_SYNTAX, context.abstract_syntax)
    return item(_CONTEXT_OFFERED, bytes((context.context_id, 0, 0, 0)) + abstract + syntaxes)


def _syntax(kind: int, uid: str) -> bytes:
    return item(kind, uid.encode("ascii", "replace"))


def _user(user: UserInformation) -> bytes:
    return item(_USER_INFORMATION, encode_user_information(user))


def decode_request(body: bytes) -> AssociateRequest:
    """Raises ProtocolError for lengths that do not fit, and for ids that are even or used twice."""
    version, called, calling, items = _decode_fixed(body)
    contexts: list[OfferedContext] = []
    application_context, user = "", UserInformation()
    for kind, content in items:
        if kind == _CONTEXT_OFFERED:
            contexts.append(_decode_offered(content))
        elif kind == _APPLICATION_CONTEXT:
            application_context = uid_text(content)
        elif kind == _USER_INFORMATION:
            user = decode_user_information(content)
    _check_ids([context.context_id for context in contexts])
    return AssociateRequest(called, calling, tuple(contexts), user, application_context, version)


def decode_accept(body: bytes) -> AssociateAccept:
    _, called, calling, items = _decode_fixed(body)
    contexts: list[AnsweredContext] = []
    user = UserInformation()
    for kind, content in items:
        if kind == _CONTEXT_ANSWERED:
            contexts.append(_decode_answered(content))
        elif kind == _USER_INFORMATION:
            user = decode_user_information(content)
    _check_ids([context.context_id for context in contexts])
    return AssociateAccept(called, calling, tuple(contexts), user)


def _decode_fixed(body: bytes) -> tuple[int, str, str, list[tuple[int, bytes]]]:
    if len(body) < _FIXED.size:
        raise ProtocolError(f"A-ASSOCIATE of {len(body)} bytes; at least {_FIXED.size} are fixed")
    version, _, called, calling = _FIXED.unpack_from(body)
    return version, _title(called), _title(calling), list(split_items(body[_FIXED.size :]))


def _title(raw: bytes) -> str:
    return raw.decode("latin-1").strip(" \0")


def _check_ids(ids: list[int]) -> None:
    if not ids:
        raise ProtocolError("no presentation context")
    if len(set(ids)) != len(ids) or any(not context_id & 1 for context_id in ids):
        raise ProtocolError("presentation context ids must be odd and different")


def _decode_offered(content: bytes) -> OfferedContext:
    context_id, syntaxes = _context_parts(content)
    abstract = next((uid_text(value) for kind, value in syntaxes if kind == _ABSTRACT_SYNTAX), "")
    return OfferedContext(context_id, abstract, _transfer_syntaxes(syntaxes))


def _decode_answered(content: bytes) -> AnsweredContext:
    context_id, syntaxes = _context_parts(content)
    return AnsweredContext(context_id, content[2], next(iter(_transfer_syntaxes(syntaxes)), ""))


def _context_parts(content: bytes) -> tuple[int, list[tuple[int, bytes]]]:
    if len(content) < 4:
        raise ProtocolError("a presentation context is cut off")
    return content[0], list(split_items(content[4:]))


def _transfer_syntaxes(syntaxes: list[tuple[int, bytes]]) -> tuple[str, ...]:
    return tuple(uid_text(value) for kind, value in syntaxes if kind == _TRANSFER_SYNTAX)
