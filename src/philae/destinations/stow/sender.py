"""Delivery by STOW-RS in batches, over a connection that stays open; each instance ends as the answer says of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from philae.destinations.stow.answers import Verdict, verdict
from philae.destinations.stow.connection import Broken, Request
from philae.destinations.stow.connections import connection_to
from philae.destinations.stow.credentials import Credentials
from philae.destinations.stow.multipart import Parts, gathered
from philae.pipeline.model import Receipt
from philae.pipeline.outcome import Refused, State, TryAgain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from philae.config.forward_node import ForwardNode
    from philae.destinations.stow.answers import Ended
    from philae.destinations.stow.connection import Answer
    from philae.destinations.stow.settings import StowSettings
    from philae.pipeline.model import Outgoing

UNAUTHORIZED = 401
JSON = "application/dicom+json"


class StowSender:
    """One connection; the next batch is prepared while the server works on the last."""

    def __init__(self, settings: StowSettings, _node: ForwardNode) -> None:
        self._settings = settings
        self._url = settings.studies_url
        self._credentials = Credentials(settings)
        self._connection = connection_to(settings)

    def deliver(
        self, _wanted: Collection[tuple[str, str]], outgoings: Iterator[Outgoing]
    ) -> Iterator[tuple[Outgoing, Ended]]:
        """Post batch after batch. One that is refused without a word on each instance is posted one by one."""
        under_way: Parts | None = None
        for batch in gathered(outgoings, self._settings.batch_instances, self._settings.batch_bytes):
            if under_way is not None:
                yield from self._ended(under_way)
            under_way = Parts(batch)
            self._post(under_way)
        if under_way is not None:
            yield from self._ended(under_way)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _ended(self, parts: Parts) -> Iterator[tuple[Outgoing, Ended]]:
        """What is decided comes first: the first `TryAgain` is the last word that is heard."""
        said = self._said(parts)
        undecided: list[tuple[Outgoing, Ended | None]] = []
        for outgoing in parts.outgoings:
            end = said.named.get(outgoing.sop_instance_uid)
            if end is None or isinstance(end, TryAgain):
                undecided.append((outgoing, end))
            else:
                yield outgoing, self._looked_up(outgoing, end, said)
        for outgoing, end in undecided:
            if end is None and said.of_one and len(parts.outgoings) > 1:
                alone = Parts([outgoing])
                self._post(alone)
                yield from self._ended(alone)
            else:
                yield outgoing, self._looked_up(outgoing, end or said.others, said)

    def _said(self, parts: Parts) -> Verdict:
        try:
            return verdict(self._answer(parts))
        except Broken as broken:
            return Verdict({}, TryAgain(str(broken)), of_one=True)

    def _post(self, parts: Parts) -> None:
        headers = {**self._credentials.headers(), "Accept": JSON, "Content-Type": parts.content_type}
        self._connection.send(Request("POST", self._url, headers, parts.length, parts.buffers))

    def _answer(self, parts: Parts) -> Answer:
        answer = self._connection.answer()
        if answer.status == UNAUTHORIZED and self._credentials.refused():
            self._post(parts)
            answer = self._connection.answer()
        return answer

    def _looked_up(self, outgoing: Outgoing, end: Ended, said: Verdict) -> Ended:
        """What was refused because the archive has it counts as delivered."""
        if not (self._settings.look_up and said.may_be_there and isinstance(end, Refused)):
            return end
        study, instance = quote(outgoing.study_instance_uid), quote(outgoing.sop_instance_uid)
        url = f"{self._url}/{study}/instances?SOPInstanceUID={instance}"
        self._connection.send(Request("GET", url, {**self._credentials.headers(), "Accept": JSON}))
        try:
            found = _finds(self._connection.answer(), outgoing.sop_instance_uid)
        except Broken:
            return end
        return Receipt(State.ALREADY_PRESENT, f"{end}; a query finds it there") if found else end


def _finds(answer: Answer, sop_instance_uid: str) -> bool:
    """Whether a QIDO-RS answer (PS3.18 10.6) names the instance; a service may answer with more than was asked for."""
    if answer.status != 200:
        return False
    try:
        return any(sop_instance_uid in item["00080018"]["Value"] for item in json.loads(answer.body))
    except (ValueError, TypeError, KeyError):
        return False
