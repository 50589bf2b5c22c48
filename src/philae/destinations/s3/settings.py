"""What an S3 destination is told: which bucket at which endpoint, as whom, and which keys objects get."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator, model_validator
from typing_extensions import override

from philae.config.fields import AtOnce, FilePath, Seconds
from philae.config.kinds import DestinationSettings
from philae.config.secret import Secret
from philae.config.spelled import Spelled
from philae.pipeline.layout import BY_SERIES, check_layout


class S3Settings(DestinationSettings):
    """``{kind: s3, bucket: studies, endpoint: https://s3.example.org, access_key_id: ..., secret_access_key: ...}``."""

    kind_name: ClassVar[str] = "s3"
    kind: Literal["s3"] = "s3"
    bucket: Annotated[
        str,
        Field(min_length=3, max_length=63),
        Spelled(r"[A-Za-z0-9._-]+", "a bucket's name has letters, digits, dots, dashes and underscores only"),
    ]
    endpoint: str | None = None
    """That of AWS in ``region`` when not given."""
    region: str = Field(default="us-east-1", min_length=1)
    access_key_id: str | None = None
    secret_access_key: Secret | None = Field(default=None, repr=False)
    """Without keys those of the machine count: environment variables ``AWS_...``, or its role."""
    authority: FilePath | None = None
    """Certificates that may vouch for the endpoint; those of the operating system when not given."""
    prefix: str = ""
    """Begins every key; may use the same fields as ``layout``."""
    layout: Annotated[str, AfterValidator(check_layout)] = BY_SERIES
    connections: AtOnce = 1
    """How many series may be under way at once; 1 keeps total order."""
    connect_timeout_s: Seconds = 10.0
    response_timeout_s: Seconds = 120.0

    @property
    @override
    def lanes(self) -> int:
        """One upload a lane."""
        return self.connections

    @property
    def keys(self) -> str:
        """The layout of whole keys."""
        return f"{self.prefix.rstrip('/')}/{self.layout}" if self.prefix else self.layout

    @field_validator("endpoint")
    @classmethod
    def _is_url(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
            raise ValueError("endpoint must begin with https:// or http:// and name a host, no bucket and no password")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        check_layout(self.keys)
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("access_key_id and secret_access_key belong together; give both or neither")
        return self
