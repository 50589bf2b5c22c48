"""An archive that says everything it should not, one after the other: no instance is lost, each ends as it was told."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import trustme

from philae.config.tls import ClientTls
from philae.destinations.stow import StowSender, StowSettings
from philae.pipeline.outcome import TryAgain
from tests.support.documents import document, node, to_stow
from tests.support.gateway import Gateway
from tests.support.lanes import ct_dataset, make_node, outgoing_of
from tests.support.receivers import delivered
from tests.support.scans import scans
from tests.support.scripted_http import JSON, Asked, Reply, of_type, scripted, stored
from tests.support.senders import finished, storescu


class Archive:
    """Hangs, knows nobody, then answers 202 or 409; what it refuses is told by ``bad``, ``known``, ``late`` and ``clash``."""

    def __init__(self, bad: str, known: str, late: str, clash: str, uids: list[str]) -> None:
        self.bad, self.known, self.late, self.clash = bad, known, late, clash
        self.uids = uids
        self._times = count(1)
        self.kept: set[str] = set()

    def answer(self, _number: int, asked: Asked) -> Reply:
        if asked.method == "GET":
            return of_type(JSON, f'[{{"00080018": {{"vr": "UI", "Value": ["{self.clash}"]}}}}]')
        match next(self._times):
            case 1:
                return Reply(hang=True)
            case 2:
                return Reply(401)
        there = [uid for uid in self.uids if uid.encode() in asked.body]
        if self.clash in there:
            return Reply(409)
        failed: dict[str, int | None] = {}
        failed |= {uid: 0xC000 for uid in there if uid == self.bad}
        failed |= {uid: 0x0111 for uid in there if uid == self.known}
        if self.late in there:
            failed[self.late], self.late = 0xA700, ""
        good = [uid for uid in there if uid not in failed]
        self.kept.update(good)
        return stored(good, failed, 202 if failed else 200)


def test_each_instance_ends_as_the_archive_said_and_none_is_lost(tmp_path: Path) -> None:
    sent = scans(tmp_path / "sent", patients=1, series=1, slices=8, size=16)
    uids = [scan.uid for scan in sent]
    archive = Archive(bad=uids[0], known=uids[2], late=uids[4], clash=uids[6], uids=uids)

    with scripted(archive.answer) as server:
        told: dict[str, Any] = {"batch_instances": 2, "response_timeout_s": 0.5, "look_up": True, "deidentify": None}
        with Gateway(tmp_path / "data", document(node(to_stow(server.url, **told)))) as gateway:
            finished([storescu(gateway.port, [scan.path for scan in sent])])
            counts = gateway.settled()

    assert (counts["sent"], counts["already_present"], counts["failed"]) == (5, 2, 1)
    assert archive.kept == set(uids) - {uids[0], uids[2], uids[6]}


def test_an_archive_whose_certificate_has_expired_is_told_nothing(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    yesterday = datetime.now(UTC) - timedelta(days=1)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", not_before=yesterday - timedelta(days=1), not_after=yesterday).configure_cert(tls)

    with scripted(Reply(200), tls) as server:
        settings = StowSettings(
            url=f"https://127.0.0.1:{server.port}", token="abc", tls=ClientTls(authority=tmp_path / "ca.pem")
        )
        with pytest.raises(TryAgain, match="certificate has expired"):
            delivered(StowSender(settings, make_node()), outgoing_of(1, ct_dataset()))

    assert server.asked == []
