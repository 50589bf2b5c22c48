"""A client of the REST API that a program makes of its description works."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tests.support.documents import document, node, to_folder
from tests.support.gateway import PHILAE, Gateway, free_port
from tests.support.http import Client
from tests.support.scans import scans
from tests.support.senders import send

PROGRAMS = Path(sys.prefix) / "client" / "bin"
OVERRIDES = """\
content_type_overrides:
  application/yaml: application/octet-stream
  text/csv: application/octet-stream
post_hooks: []
"""
CALLS = """\
    import json, sys
    from philae_client import AuthenticatedClient
    from philae_client.api.deliveries import count_deliveries, read_deliveries
    from philae_client.api.nodes import add_destination, add_node, read_destination, remove_destination
    from philae_client.api.status import read_status
    from philae_client.models import FolderDestinationGiven, ForwardNodeGiven, Status, Told

    client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2], raise_on_unexpected_status=True)
    found = read_deliveries.sync(client=client, status=[Status.SENT], limit=2)
    add_node.sync(client=client, body=ForwardNodeGiven(ae_title="SECOND"))
    added = FolderDestinationGiven(name="made", kind="folder", path=sys.argv[3])
    add_destination.sync(client=client, node="SECOND", body=added)
    made = read_destination.sync(client=client, node="SECOND", destination="made")
    removed = remove_destination.sync_detailed(client=client, node="SECOND", destination="made")
    missing = read_destination.sync(client=client, node="SECOND", destination="made")
    assert isinstance(missing, Told)
    print(json.dumps({
        "accepted": read_status.sync(client=client)["instances"]["accepted"],
        "found": len(found["deliveries"]),
        "counted": count_deliveries.sync(client=client, node="PHILAE")["count"],
        "made": made["path"],
        "removed": removed.status_code,
        "missing": missing.status,
    }))
"""


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with Gateway(tmp_path / "data", document(node(to_folder(tmp_path / "out"))), web_port=free_port()) as running:
        yield running


def run(program: str, *arguments: object, folder: Path) -> str:
    """What a program of the client's own environment prints."""
    path = PROGRAMS / program
    assert path.exists(), f"{path} is missing: scripts/env client makes its environment"
    done = subprocess.run(
        [path, *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def token(gateway: Gateway) -> str:
    scopes = ("--scope=status", "--scope=configure", "--scope=deliveries")
    command = [PHILAE, "tokens", "create", "client", *scopes, "--data", str(gateway.data)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


def test_a_client_that_is_made_of_the_description_calls_a_gateway(gateway: Gateway, tmp_path: Path) -> None:
    send(gateway.port, [scan.path for scan in scans(tmp_path / "sent", slices=3)])
    gateway.settled()
    secret = token(gateway)
    description = Client(gateway.web_port or 0, secret).get("/api/v1/openapi.json")
    (tmp_path / "openapi.json").write_bytes(description.body)
    (tmp_path / "overrides.yml").write_text(OVERRIDES)
    (tmp_path / "calls.py").write_text(dedent(CALLS))

    told = run(
        "openapi-python-client",
        *("generate", "--meta=none", "--fail-on-warning", "--path=openapi.json", "--config=overrides.yml"),
        "--output-path=philae_client",
        folder=tmp_path,
    )
    answers = run(
        "python", "calls.py", f"http://127.0.0.1:{gateway.web_port}", secret, tmp_path / "made", folder=tmp_path
    )

    assert "warning" not in told.lower()
    assert json.loads(answers) == {
        "accepted": 3,
        "found": 2,
        "counted": 3,
        "made": str(tmp_path / "made"),
        "removed": 204,
        "missing": 404,
    }
