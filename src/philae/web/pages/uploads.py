"""Files that people send with a form, and that a form keeps while they look at them."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, field
from typing import Final

from fastapi import Request

from philae.web.problems import Problem
from philae.web.upload import read_upload

LARGEST: Final = 8 << 20
"""Bytes of one file."""
_LARGEST_BODY: Final = 2 * LARGEST


@dataclass(frozen=True, slots=True)
class Upload:
    """A form with a file in it, or with what an earlier form kept of one under ``content``."""

    sent: dict[str, str]
    content: bytes = field(repr=False)
    is_new: bool
    """Whether the file came with this very form."""


async def uploaded(request: Request) -> Upload:
    """The form that was sent. Raises `Problem` 400, 413, 422."""
    form = await read_upload(request, _LARGEST_BODY)
    sent = dict(form.values)
    kept = _kept(sent.pop("content", ""))
    content = form.content or kept
    if len(content) > LARGEST:
        raise Problem(413, f"The file is larger than {LARGEST >> 20} MB", "split it, or import it on the command line")
    return Upload(sent, content, is_new=bool(form.content))


def _kept(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise Problem(422, "The file in this form is damaged", "choose it again") from error
