"""Series come into albums of Kheops after they were delivered, whatever Kheops does meanwhile."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.archives import until
from tests.support.documents import document, node, to_stow
from tests.support.gateway import PHILAE, Gateway
from tests.support.kheops import READER, WRITER, KheopsStub, kheops
from tests.support.scans import scans
from tests.support.senders import finished, storescu


def status(gateway: Gateway) -> str:
    command = [PHILAE, "status", "--data", str(gateway.data)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_a_delivered_series_is_shared_once_kheops_takes_it_and_survives_a_kill(tmp_path: Path) -> None:
    sent = scans(tmp_path / "sent", patients=1, series=2, slices=3, size=16)

    with kheops(KheopsStub(tokens={READER: "read send"})) as stub:
        text = document(node(to_stow(stub.url, kheops_albums=[stub.album()])))
        with Gateway(tmp_path / "data", text) as gateway:
            finished([storescu(gateway.port, [scan.path for scan in sent])])
            counts = gateway.settled()
            until(
                lambda: "2 series wait for album research: authorization_destination" in status(gateway),
                "status says why",
            )
            gateway.kill()
            stub.tokens[WRITER] = "write"
            gateway.start()
            until(lambda: len(stub.albums.get(WRITER, ())) == 2, "both series are shared")

    assert counts["sent"] == stub.instances == len(sent)
    assert {series for _, series in stub.albums[WRITER]}.isdisjoint(scan.series for scan in sent)
