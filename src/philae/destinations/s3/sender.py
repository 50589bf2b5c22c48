"""Delivery into a bucket, as Part 10 objects that replace no other."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError

from philae.destinations.s3.bucket import CODE, open_bucket, words
from philae.dicom.part10 import write_meta
from philae.pipeline.layout import file_name, free_names
from philae.pipeline.model import Receipt
from philae.pipeline.outcome import Refused, State, TryAgain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from obstore.store import S3Store

    from philae.config.forward_node import ForwardNode
    from philae.destinations.s3.settings import S3Settings
    from philae.pipeline.model import Outgoing

    Ended = Receipt | TryAgain | Refused

PART_BYTES: Final = 8 << 20
"""Up to this size an object goes in one request, above in parts of it; a few are in memory at once."""
PARTS_AT_ONCE: Final = 4
_OF_ONE: Final = frozenset({"EntityTooLarge", "KeyTooLongError"})
"""What S3 says of one object rather than of the bucket or of us."""


class S3Sender:
    """Puts each instance under a key of its own."""

    def __init__(self, settings: S3Settings, _node: ForwardNode) -> None:
        self._layout = settings.keys
        self._where = f"{settings.bucket} at {settings.endpoint or settings.region}"
        self._settings = settings
        self._store: S3Store | None = None

    def deliver(
        self, _wanted: Collection[tuple[str, str]], outgoings: Iterator[Outgoing]
    ) -> Iterator[tuple[Outgoing, Ended]]:
        """Put each instance; an object that is there already is compared, never overwritten."""
        for outgoing in outgoings:
            yield outgoing, self._answer(outgoing)

    def close(self) -> None:
        """Leave the connections to their end."""
        self._store = None

    def _answer(self, outgoing: Outgoing) -> Ended:
        """Whatever a bucket says of a put that is well-formed, it would say of every instance."""
        try:
            return self._stored(outgoing)
        except FileNotFoundError as error:
            raise TryAgain(f"cannot put into {self._where}: there is no such bucket") from error
        except (PermissionDeniedError, UnauthenticatedError) as error:
            reason = f"{words(error)}; check the keys and the policy of the bucket"
            raise TryAgain(f"cannot put into {self._where}: {reason}") from error
        except BaseError as error:
            code = CODE.search(str(error))
            if code and code[1] in _OF_ONE:
                return Refused(f"the bucket does not take it: {words(error)}")
            raise TryAgain(f"cannot put into {self._where}: {words(error)}") from error

    def _stored(self, outgoing: Outgoing) -> Receipt:
        for key in free_names(file_name(self._layout, outgoing)):
            if self._put(key, outgoing):
                return Receipt(State.SENT, key)
            if self._same(key, outgoing):
                return Receipt(State.ALREADY_PRESENT, key)
        raise AssertionError("names never end")

    def _put(self, key: str, outgoing: Outgoing) -> bool:
        """False when there is an object with this key."""
        store = self._opened()
        if outgoing.body.length <= PART_BYTES:
            try:
                obstore.put(store, key, b"".join(_pieces(outgoing)), mode="create")
            except AlreadyExistsError:
                return False
            return True
        if self._size(key) is not None:
            return False
        obstore.put(store, key, _pieces(outgoing), chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE)
        return True

    def _size(self, key: str) -> int | None:
        try:
            return obstore.head(self._opened(), key)["size"]
        except FileNotFoundError:
            return None

    def _same(self, key: str, outgoing: Outgoing) -> bool:
        found = obstore.get(self._opened(), key)
        if found.meta["size"] != sum(map(len, _pieces(outgoing))):
            return False
        ours = _pieces(outgoing)
        rest = memoryview(b"")
        for chunk in found.stream(PART_BYTES):
            theirs = memoryview(chunk)
            while theirs:
                rest = rest or memoryview(next(ours))
                size = min(len(theirs), len(rest))
                if theirs[:size] != rest[:size]:
                    return False
                theirs, rest = theirs[size:], rest[size:]
        return True

    def _opened(self) -> S3Store:
        if self._store is None:
            self._store = open_bucket(self._settings)
        return self._store


def _pieces(outgoing: Outgoing) -> Iterator[bytes | memoryview]:
    meta = write_meta(outgoing.sop_class_uid, outgoing.sop_instance_uid, outgoing.transfer_syntax_uid)
    return chain((meta,), filter(len, outgoing.body.buffers()))
