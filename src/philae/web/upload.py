"""Files that people send with a form: bounded, in memory only, never on disk."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from philae.web.problems import Problem

LARGEST: Final = 64 << 20
"""Bytes of a whole form with its file."""
_MOST_FIELDS: Final = 4000


@dataclass(frozen=True, slots=True)
class Upload:
    """A form that was sent, with the files that were chosen in it, by control."""

    values: Mapping[str, str]
    files: Mapping[str, bytes]

    @property
    def content(self) -> bytes:
        """Of the file, in a form for one; empty when nobody chose one."""
        return next(iter(self.files.values()), b"")


class _InMemory(MultiPartParser):
    """Starlette's parser, which otherwise writes what is larger than 1 MiB to a temporary file."""

    spool_max_size = 1 << 62


async def sent_upload(request: Request) -> Upload:
    """A dependency: a form with at most one file, or without. Raises `Problem` 413 or 400."""
    return await read_upload(request)


async def read_upload(request: Request, largest: int = LARGEST, most_files: int = 1) -> Upload:
    """A form of up to ``largest`` bytes. Raises `Problem` 413 or 400."""
    form = await _parsed(request, largest, most_files)
    values = {name: value for name, value in form.items() if isinstance(value, str)}
    chosen = {name: value for name, value in form.items() if isinstance(value, UploadFile) and value.filename}
    try:
        return Upload(values, {name: await file.read() for name, file in chosen.items()})
    finally:
        await form.close()


async def _parsed(request: Request, largest: int, most_files: int) -> FormData:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.form(max_files=0, max_fields=_MOST_FIELDS)
    body = _bounded(request, largest)
    parser = _InMemory(request.headers, body, max_files=most_files, max_fields=_MOST_FIELDS, max_part_size=largest)
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise Problem(400, "The form cannot be read", error.message) from error


async def _bounded(request: Request, largest: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > largest:
            raise Problem(413, "The file is too large", f"forms of up to {largest >> 20} MiB are taken here")
        yield chunk
