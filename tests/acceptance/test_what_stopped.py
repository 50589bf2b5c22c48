"""What is held goes out once its profile was corrected and a person released it, while the gateway runs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from philae.pipeline.outcome import State
from philae.store.database import Database, sqlite_url
from philae.store.reading import read_standing
from tests.support.archives import until
from tests.support.deliveries import deliveries, spool_files
from tests.support.documents import document, node, to_dicom, to_folder
from tests.support.gateway import PHILAE, Gateway, free_port
from tests.support.scans import scans
from tests.support.senders import send

INSTANCES = 3
NO_PSEUDONYM = {"project": "Trial", "pseudonym": {"kind": "in_tag", "tag": "(0010,1000)"}}


def philae(gateway: Gateway, *arguments: str) -> Any:
    command = [PHILAE, *arguments, "--data", str(gateway.data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if "--json" in arguments else done.stdout


def states(gateway: Gateway, to: str = "local") -> list[State]:
    return [each.state for each in deliveries(gateway.data, to=to)]


def in_trouble(gateway: Gateway) -> list[str]:
    database = Database(sqlite_url(gateway.data / "philae.db"))
    try:
        return [each.name for each in read_standing(database).places() if each.trouble]
    finally:
        database.close()


def test_held_deliveries_go_out_under_the_corrected_configuration(tmp_path: Path) -> None:
    dead = to_dicom(free_port(), "dead", deidentify=None)
    faulty = document(node(to_folder(tmp_path / "out", deidentify=NO_PSEUDONYM), dead))
    corrected = tmp_path / "corrected.yml"
    corrected.write_text(document(node(to_folder(tmp_path / "out"))))
    with Gateway(tmp_path / "data", faulty) as gateway:
        send(gateway.port, [scan.path for scan in scans(tmp_path / "sent", slices=INSTANCES)])
        until(lambda: states(gateway) == [State.HELD] * INSTANCES, "all are held")
        until(lambda: in_trouble(gateway) == ["dead"], "it is known which one cannot be reached")
        philae(gateway, "config", "apply", str(corrected))

        philae(gateway, "deliveries", "release", "--status", "held", "--keep-profile")
        until(lambda: states(gateway) == [State.HELD] * INSTANCES, "their own profile holds them again")
        assert philae(gateway, "deliveries", "release", "--destination", "local", "--json") == {"released": INSTANCES}
        until(lambda: states(gateway) == [State.SENT] * INSTANCES, "the newest one lets them out")

        until(lambda: states(gateway, "dead") == [State.FAILED] * INSTANCES, "the removed destination fails them")
        until(lambda: not in_trouble(gateway), "a removed destination is not out of reach")
        removed = philae(gateway, "status", "--json")["nodes"][0]["destinations"][1]
        assert (removed["name"], removed["removed"], removed["unreachable"]) == ("dead", True, None)
        philae(gateway, "deliveries", "discard", "--destination", "dead", "--reason", "not used any more")
        until(lambda: not spool_files(gateway.data), "nothing needs the originals")

        found = philae(gateway, "deliveries", "list", "--json")["deliveries"]
        assert gateway.settled()["excluded"] == INSTANCES
    sent = [each for each in found if each["destination"] == "local"]
    written = {path.stem for path in (tmp_path / "out").rglob("*.dcm")}
    assert {each["sent_sop_instance_uid"] for each in sent} == written
    assert all(each["sent_patient_id"] not in ("", each["patient_id"]) for each in sent)
