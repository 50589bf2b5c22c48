"""Instances that arrive by STOW-RS (PS3.18 10.5): an ASGI application below ``/dicomweb``."""

from __future__ import annotations

import logging
from asyncio import get_running_loop
from asyncio import wait as wait_for_tasks
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from typing_extensions import override

from philae.intake.admission import Admission, admission, source_of
from philae.intake.part10_stream import ArrivingFile, Receiving, Stored
from philae.intake.stow_answer import answer_of, status_of
from philae.pipeline.answer import NOT_DELIVERED, unconfirmable, undelivered

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from concurrent.futures import Future

    from philae.intake.turnstile import Passage, Turnstile
    from philae.pipeline.ports import Bell, ConfigStore, Ledger, Spool

log = logging.getLogger(__name__)

DICOM: Final = "application/dicom"
RELATED: Final = "multipart/related"
_BATCH_BYTES: Final = 1 << 20
_AT_ONCE: Final = 8
"""Files of a request whose acceptance is under way while the next is read: the disk syncs many as quickly as one."""
_ACCEPTING: Final = ThreadPoolExecutor(2 * _AT_ONCE, "accepting")
_WRITING: Final = ThreadPoolExecutor(32, "writing")
"""Of requests; one whose sender is slowed down holds a thread while it waits."""
_PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class StowIntake:
    """What the requests of one process share."""

    configurations: ConfigStore
    spool: Spool
    ledger: Ledger
    bell: Bell
    sender_of: Callable[[str], str | None]
    """The name of the sender that an Authorization header proves; None if it proves nothing."""
    max_dataset_bytes: int
    turnstile: Turnstile

    def application(self) -> Starlette:
        """To be mounted at ``/dicomweb``."""
        paths = ("/{node}/studies", "/{node}/studies/{study}")
        return Starlette(routes=[Route(path, self._store, methods=["POST"]) for path in paths])

    async def _store(self, request: Request) -> Response:
        sender = await run_in_threadpool(self.sender_of, request.headers.get("authorization", ""))
        if sender is None:
            challenge = {"WWW-Authenticate": 'Bearer realm="philae", Basic realm="philae"'}
            return _problem(401, "No token that may hand in instances", challenge)
        receiving = await run_in_threadpool(self._receiving, request, sender)
        if isinstance(receiving, Response):
            return receiving
        source = source_of(receiving.node, sender, receiving.peer_host)
        passage = await run_in_threadpool(self.turnstile.enter, receiving.node, source)
        if passage is None:
            return _problem(503, "Too many send to this forward node at once; try again later", {"Retry-After": "5"})
        try:
            return await self._answer(request, receiving, passage)
        finally:
            passage.leave()

    async def _answer(self, request: Request, receiving: Receiving, passage: Passage) -> Response:
        body = _body_of(request.headers.get("content-type", ""), receiving, passage)
        if body is None:
            return _problem(415, f"Send {DICOM}, or {RELATED} with type={DICOM} and a boundary")
        results = await self._received(request, body)
        if results is None:
            return _problem(400, "The body is not what its Content-Type says, or it ends early", results=body.results)
        if not results:
            return _problem(400, "The request holds no instance")
        if receiving.node.awaits_destinations:
            results = await run_in_threadpool(_confirmed, results, receiving)
        content, media_type = answer_of(results, request.headers.get("accept", ""))
        return Response(content, status_of(results), media_type=media_type)

    def _receiving(self, request: Request, sender: str) -> Receiving | Response:
        configuration = self.configurations.current()
        node = configuration.node(request.path_params["node"])
        host = request.client.host if request.client else ""
        match admission(node, sender, host):
            case Admission.UNKNOWN_NODE:
                return _problem(404, "There is no forward node of this AE title")
            case Admission.NO_DESTINATION:
                return _problem(503, "The forward node has no enabled destination")
            case Admission.UNKNOWN_SOURCE:
                return _problem(403, f"{sender!r} is no source of this forward node")
        if node is None:
            raise LookupError(request.path_params["node"])
        if reason := unconfirmable(node, datetime.now(UTC)):
            log.warning("request.refused", extra={"node": node.ae_title, "reason": reason})
            return _problem(503, f"No confirmation can be had: {reason}", {"Retry-After": "60"})
        return Receiving(
            node=node,
            configuration=configuration,
            spool=self.spool,
            ledger=self.ledger,
            sender=sender,
            peer_host=host,
            max_dataset_bytes=self.max_dataset_bytes,
            study_instance_uid=request.path_params.get("study", ""),
        )

    async def _received(self, request: Request, body: Body) -> list[Stored] | None:
        """What became of each instance; None if the body is broken. It is read while what came before is written."""
        run = partial(get_running_loop().run_in_executor, _WRITING)
        writing = run(body.write, [])
        try:
            async for chunks in _batches(request):
                await writing
                writing = run(body.write, chunks)
            await writing
            results: list[Stored] | None = await run(body.end)
        except (ClientDisconnect, FormParserError):
            results = None
        finally:
            await wait_for_tasks([writing])
            await run(body.abandon)
            if any(not each.status for each in body.results):
                self.bell.ring()
        return results


async def _batches(request: Request) -> AsyncIterator[list[bytes]]:
    """The body, in pieces of about `_BATCH_BYTES` of what arrived. May raise `ClientDisconnect`."""
    pending: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        pending.append(chunk)
        size += len(chunk)
        if size >= _BATCH_BYTES:
            yield pending
            pending, size = [], 0
    yield pending


class Body:
    """One file is the whole body."""

    def __init__(self, receiving: Receiving, passage: Passage) -> None:
        self._receiving = receiving
        self._passage = passage
        self._file: ArrivingFile | None = None
        self._accepting: deque[Future[Stored]] = deque()
        self.results: list[Stored] = []
        """Of those whose acceptance has ended; complete after `end` and `abandon`."""

    def write(self, chunks: Iterable[bytes]) -> None:
        """The next bytes of the body. May raise `FormParserError`."""
        for chunk in filter(None, chunks):
            self._take(chunk, 0, len(chunk))

    def end(self) -> list[Stored] | None:
        """The body has ended; None if it should not have."""
        self._part_ended()
        return self._all_results()

    def abandon(self) -> None:
        """Forget the file that has not ended; wait for what became of those that have."""
        if self._file is not None:
            self._file.abandon()
            self._file = None
        wait(self._accepting)
        self.results += [each.result() for each in self._accepting if each.exception() is None]
        self._accepting.clear()

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._file is None:
            self._file = ArrivingFile(self._receiving)
        self._file.write(memoryview(data)[start:end])

    def _part_ended(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            self._passage.wait()
            if len(self._accepting) == _AT_ONCE:
                self.results.append(self._accepting.popleft().result())
            self._accepting.append(_ACCEPTING.submit(file.end))

    def _all_results(self) -> list[Stored]:
        while self._accepting:
            self.results.append(self._accepting.popleft().result())
        return self.results


class RelatedBody(Body):
    """Each part is a file (RFC 2387)."""

    def __init__(self, receiving: Receiving, passage: Passage, boundary: bytes) -> None:
        super().__init__(receiving, passage)
        self._has_ended = False
        self._parser = MultipartParser(
            boundary,
            {"on_part_data": self._take, "on_part_end": self._part_ended, "on_end": self._ended},
        )

    @override
    def write(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            self._parser.write(chunk)

    @override
    def end(self) -> list[Stored] | None:
        return self._all_results() if self._has_ended else None

    def _ended(self) -> None:
        self._has_ended = True


def _confirmed(results: list[Stored], receiving: Receiving) -> list[Stored]:
    """The same once the destinations have had their time to confirm what was stored."""
    until = monotonic() + receiving.node.answer_timeout_s
    reasons = [
        each.instance_id and undelivered(each.instance_id, receiving.node, receiving.ledger, until) for each in results
    ]
    return [
        replace(each, status=NOT_DELIVERED, reason=reason) if reason else each
        for each, reason in zip(results, reasons, strict=True)
    ]


def _body_of(content_type: str, receiving: Receiving, passage: Passage) -> Body | None:
    media_type, options = parse_options_header(content_type)
    if media_type == DICOM.encode():
        return Body(receiving, passage)
    boundary = options.get(b"boundary", b"")
    is_dicom = options.get(b"type", b"").lower() == DICOM.encode()
    if media_type != RELATED.encode() or not is_dicom or not boundary:
        return None
    try:
        return RelatedBody(receiving, passage, boundary)
    except FormParserError:
        return None


def _problem(
    status: int, title: str, headers: Mapping[str, str] | None = None, results: list[Stored] | None = None
) -> JSONResponse:
    """RFC 9457; says how many instances were stored before the body broke off."""
    stored = {"stored": sum(not each.status for each in results)} if results else {}
    body = {"title": title, "status": status, **stored}
    return JSONResponse(body, status, dict(headers or {}), media_type=_PROBLEM)
