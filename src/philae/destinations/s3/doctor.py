"""What may ail a bucket: that it is not there, or that its policy denies what deliveries need."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from philae.admin.doctor import Endpoint, Ill, Said, Step, Verdict
from philae.config.tls import ClientTls
from philae.destinations.s3.bucket import open_bucket, words
from philae.pipeline.outcome import TryAgain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obstore.store import S3Store

    from philae.admin.doctor import Case
    from philae.destinations.s3.settings import S3Settings

_CONTENT: Final = b"written by philae doctor; may be deleted"


class S3Doctor:
    """Puts an object below the prefix that it takes away again."""

    def __init__(self, settings: S3Settings, _case: Case) -> None:
        self._settings = settings
        self._key = f"{settings.prefix.partition('{')[0]}.philae-doctor-{uuid4().hex}"
        self._store: S3Store | None = None
        self._left = False

    @property
    def endpoint(self) -> Endpoint:
        """The bucket's own, at AWS."""
        settings = self._settings
        parts = urlsplit(settings.endpoint or f"https://{settings.bucket}.s3.{settings.region}.amazonaws.com")
        tls = ClientTls(authority=settings.authority) if parts.scheme == "https" else None
        port = parts.port or (80 if tls is None else 443)
        return Endpoint(parts.hostname or "", port, tls, settings.connect_timeout_s)

    def steps(self) -> Iterator[Step]:
        """What a delivery does, and back."""
        yield Step("write", self._write)
        yield Step("read", self._read)
        yield Step("delete", self._delete)

    def close(self) -> None:
        """Leave nothing behind."""
        if self._left and self._store is not None:
            with suppress(BaseError, OSError):
                obstore.delete(self._store, self._key)

    def _opened(self) -> S3Store:
        if self._store is None:
            try:
                self._store = open_bucket(self._settings)
            except TryAgain as error:
                raise Ill(str(error), "correct authority") from error
        return self._store

    def _write(self) -> Said:
        bucket = self._settings.bucket
        try:
            obstore.put(self._opened(), self._key, _CONTENT, mode="create")
        except FileNotFoundError as error:
            raise Ill(f"there is no bucket {bucket}", "correct bucket and region, or have it made") from error
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise Ill(
                f"{bucket} denies to put an object: {words(error)}",
                f"correct the keys, or have the bucket's policy allow s3:PutObject on {self._beside}",
            ) from error
        except BaseError as error:
            raise Ill(
                f"cannot put an object into {bucket}: {words(error)}", "see that endpoint and region are the bucket's"
            ) from error
        self._left = True
        return Said(f"an object in {bucket}")

    def _read(self) -> Said:
        try:
            content = bytes(obstore.get(self._opened(), self._key).bytes())
        except (BaseError, OSError) as error:
            return Said(
                f"it cannot be read: {_words(error)}",
                Verdict.WARNING,
                f"allow s3:GetObject on {self._beside}: without it nothing tells that an instance is there already",
            )
        if content != _CONTENT:
            raise Ill("what comes back is not what was put", "see what the endpoint does to objects")
        return Said("it comes back as it was put")

    def _delete(self) -> Said:
        try:
            obstore.delete(self._opened(), self._key)
        except (BaseError, OSError) as error:
            return Said(
                f"it cannot be deleted: {_words(error)}; deliveries do not need that",
                Verdict.WARNING,
                f"delete {self._key} by other means",
            )
        finally:
            self._left = False
        return Said("it can be deleted")

    @property
    def _beside(self) -> str:
        return f"{self._key.rpartition('.philae')[0]}*"


def _words(error: Exception) -> str:
    return words(error) if isinstance(error, BaseError) else "it is not there"
