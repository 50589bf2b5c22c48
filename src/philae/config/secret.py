"""Texts that nobody is shown."""

from typing import Annotated, Final

from pydantic import Field, PlainSerializer, SerializationInfo, StringConstraints

STORED: Final = "<stored>"
"""What an export shows in the place of a secret; applied again, it means the one that is stored."""
SHOWN: Final = {"secrets": STORED}
"""The context of a dump that is shown to somebody."""


def _written_secret(text: str, info: SerializationInfo) -> str:
    return STORED if (info.context or {}).get("secrets") == STORED else text


Secret = Annotated[
    str,
    StringConstraints(min_length=1),
    Field(json_schema_extra={"format": "password", "writeOnly": True}),
    PlainSerializer(_written_secret, return_type=str),
]
"""A text that forms and schemas do not show, nor dumps with the context `SHOWN`; its fields take ``repr=False``."""
