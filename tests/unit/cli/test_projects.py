from __future__ import annotations

import re
from pathlib import Path

import pytest

from philae.admin.project_secrets import fingerprint
from philae.deid.keys import parse_secret
from tests.support.commands import Philae
from tests.support.documents import PROJECT, document, node, to_folder

SPARE = "fedcba9876543210fedcba9876543210"


@pytest.fixture
def data(philae: Philae, tmp_path: Path) -> Path:
    """A gateway with one project, used by one destination."""
    file = tmp_path / "gateway.yml"
    file.write_text(document(node(to_folder(tmp_path / "out"))))
    assert philae("config", "apply", file, "--data", tmp_path / "data").code == 0
    return tmp_path / "data"


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    from io import StringIO

    monkeypatch.setattr("sys.stdin", StringIO(text))


def marks(philae: Philae, data: Path) -> list[str]:
    shown = philae("projects", "show", "Trial", "--data", data, "--json").document
    return [each["fingerprint"] for each in shown["secrets"]]


def mark(secret: str) -> str:
    return fingerprint(parse_secret(secret))


def test_projects_are_listed_with_their_users_and_without_secrets(philae: Philae, data: Path) -> None:
    ran = philae("projects", "list", "--data", data, "--json")

    (project,) = ran.document
    assert (project["name"], project["used_by"]) == ("Trial", ["PHILAE/local"])
    assert project["secret"] == mark(PROJECT["secret"])
    assert PROJECT["secret"] not in ran.out
    assert "used by PHILAE/local" in philae("projects", "list", "--data", data).out


def test_a_new_secret_is_shown_once_after_a_warning(
    philae: Philae, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, "")

    ran = philae("projects", "secret", "new", "Trial", "--data", data)

    assert ran.code == 0
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n", ran.out)
    assert "used by PHILAE/local" in ran.err
    assert "other UIDs" in ran.err
    assert marks(philae, data) == [mark(ran.out.strip()), mark(PROJECT["secret"])]


def test_a_secret_is_imported_and_an_old_one_taken_up_again(
    philae: Philae, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, f"{SPARE}\n")
    imported = philae("projects", "secret", "import", "Trial", "--data", data)
    in_use = philae("projects", "show", "Trial", "--data", data, "--json").document["secret"]
    again = philae("projects", "secret", "activate", "Trial", mark(PROJECT["secret"]), "--data", data)

    assert (imported.code, in_use, again.code) == (0, mark(SPARE), 0)
    assert philae("projects", "show", "Trial", "--data", data, "--json").document["secret"] == mark(PROJECT["secret"])
    assert SPARE not in imported.out + imported.err


def test_a_used_project_is_not_removed(philae: Philae, data: Path) -> None:
    ran = philae("projects", "remove", "Trial", "--data", data)

    assert ran.code == 2
    assert "PHILAE/local" in ran.complaint


def test_an_unknown_project_is_one_line(philae: Philae, data: Path) -> None:
    ran = philae("projects", "show", "Trail", "--data", data)

    assert (ran.code, ran.complaint) == (2, "philae: there is no project 'Trail'; known are: Trial")


def test_where_no_gateway_is_none_is_made(philae: Philae, tmp_path: Path) -> None:
    ran = philae("projects", "list", "--data", tmp_path / "nowhere")

    assert ran.code == 2
    assert not (tmp_path / "nowhere").exists()


def test_an_exported_document_changes_nothing_and_shows_no_secret(philae: Philae, data: Path, tmp_path: Path) -> None:
    exported = philae("config", "export", "--data", data).out
    (tmp_path / "again.yml").write_text(exported)

    ran = philae("config", "apply", tmp_path / "again.yml", "--data", data)

    assert PROJECT["secret"] not in exported
    assert ran.complaint == "configuration version 1 is current"


def test_keys_are_changed_while_secrets_stay(philae: Philae, data: Path) -> None:
    before, key = marks(philae, data), (data / "secret.key").read_text()

    ran = philae("keys", "rotate", "--data", data)

    assert ran.code == 0
    assert "2 sealed values" in ran.complaint
    assert (data / "secret.key").read_text().splitlines()[1:] == key.splitlines()
    assert marks(philae, data) == before


def test_a_key_from_the_environment_is_used_and_leaves_no_file(
    philae: Philae, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gateway.yml").write_text(document())
    old = philae("keys", "new").out.strip()
    new = philae("keys", "new").out.strip()
    monkeypatch.setenv("PHILAE_SECRET_KEY", old)
    philae("config", "apply", tmp_path / "gateway.yml", "--data", tmp_path / "data")

    monkeypatch.setenv("PHILAE_SECRET_KEY", f"{new},{old}")
    rotated = philae("keys", "rotate", "--data", tmp_path / "data")
    monkeypatch.setenv("PHILAE_SECRET_KEY", new)
    listed = philae("projects", "list", "--data", tmp_path / "data")
    monkeypatch.setenv("PHILAE_SECRET_KEY", old)
    refused = philae("projects", "list", "--data", tmp_path / "data")

    assert (rotated.code, listed.code, refused.code) == (0, 0, 1)
    assert "another key" in refused.complaint
    assert not (tmp_path / "data" / "secret.key").exists()
