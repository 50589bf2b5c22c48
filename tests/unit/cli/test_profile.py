from pathlib import Path

import pytest

from tests.support.commands import Philae

FAULTY = """name: faulty
profileElements:
  - name: Shift dates
    codename: action.on.dates
    option: shift
    arguments: {seconds: 1}
  - {name: Typo, codename: action.on.specific.tag, action: X}
  - name: Tags
    codename: action.on.specific.tags
    action: Q
    tags: ["(0010,001"]
"""


def test_a_good_profile_can_be_used(philae: Philae, profile: Path) -> None:
    ran = philae("profile", "check", profile)

    assert (ran.code, ran.err) == (0, "")
    assert "profile 'basic' with 2 elements can be used" in ran.out


def test_every_fault_is_told_at_once_with_its_place_and_remedy(philae: Philae, tmp_path: Path) -> None:
    file = tmp_path / "faulty.yml"
    file.write_text(FAULTY)

    ran = philae("profile", "check", file, "--json")

    faults = ran.document["faults"]
    assert ran.code == 1
    assert {(fault["line"], fault["key"]) for fault in faults} >= {(7, "codename"), (10, "action")}
    assert {fault["element"].split()[0] for fault in faults} == {f"profileElements[{at}]" for at in (0, 1, 2)}
    assert all(fault["message"] and fault["remedy"] for fault in faults)


def test_for_people_a_fault_is_a_line(philae: Philae, tmp_path: Path) -> None:
    file = tmp_path / "faulty.yml"
    file.write_text(FAULTY)

    ran = philae("profile", "check", file)

    assert ran.code == 1
    assert all(line.startswith(f"{file}: line ") for line in ran.err.splitlines())
    assert len(ran.err.splitlines()) >= 4


def test_warnings_are_shown_and_do_not_count(philae: Philae, profile: Path) -> None:
    profile.write_text(profile.read_text() + "defaultIssuerOfPatientID: HUG\n")

    ran = philae("profile", "check", profile)

    assert ran.code == 0
    assert "warning" in ran.complaint


def test_what_cannot_be_compiled_is_a_fault(philae: Philae, profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from philae.deid import engine
    from philae.deid.errors import DeidError

    def refuse(*_: object) -> None:
        raise DeidError("this cannot be honoured")

    monkeypatch.setattr(engine, "compile_profile", refuse)

    ran = philae("profile", "check", profile, "--json")

    assert ran.code == 1
    assert [fault["message"] for fault in ran.document["faults"]] == ["this cannot be honoured"]


def test_a_file_that_is_not_there_or_no_text_is_misuse(philae: Philae, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")

    assert philae("profile", "check", tmp_path / "none").code == 2
    assert "UTF-8" in philae("profile", "check", tmp_path / "binary").complaint
