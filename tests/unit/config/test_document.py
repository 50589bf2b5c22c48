from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from philae.config.configuration import Configuration
from philae.config.document import DocumentFaults, dump_document, load_document
from philae.config.fields import AETitle, Port
from philae.config.kinds import DestinationSettings, PseudonymSettings

PROFILE = """\
name: research
version: 1.0
minimumKarnakVersion: 0.9.2
profileElements:
  - name: Basic
    codename: basic.dicom.profile
"""
SECRET = "0123456789abcdef0123456789abcdef"


class Peer(DestinationSettings):
    kind_name: ClassVar[str] = "peer"
    kind: Literal["peer"] = "peer"
    ae_title: AETitle
    port: Port


class Drawer(DestinationSettings):
    kind_name: ClassVar[str] = "drawer"
    kind: Literal["drawer"] = "drawer"
    path: Path


class Derived(PseudonymSettings):
    kind_name: ClassVar[str] = "derived"
    kind: Literal["derived"] = "derived"


class InTag(PseudonymSettings):
    kind_name: ClassVar[str] = "in_tag"
    kind: Literal["in_tag"] = "in_tag"
    tag: str


def load(text: str, base: Path) -> Configuration:
    return load_document(
        text,
        base,
        destination_kinds={"peer": Peer, "drawer": Drawer},
        pseudonym_kinds={"derived": Derived, "in_tag": InTag},
    )


def faults(text: str, base: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(DocumentFaults) as caught:
        load(text, base)
    return [(fault.path, fault.line, fault.message) for fault in caught.value.faults]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "research.yml").write_text(PROFILE)
    return tmp_path


WHOLE = f"""\
profiles:
  - file: profiles/research.yml
projects:
  - {{name: Trial, profile: research, secret: {SECRET}}}
forward_nodes:
  - ae_title: PHILAE
    description: CT to the trial archive
    sources: [{{ae_title: CT01, hostname: 10.1.2.3, check_hostname: true}}]
    destinations:
      - name: archive
        kind: peer
        ae_title: 0123
        port: 4242
        deidentify: {{project: Trial, pseudonym: {{kind: in_tag, tag: "(0010,0020)"}}}}
      - {{name: local, kind: drawer, path: out}}
"""


def test_document_becomes_configuration(base: Path) -> None:
    found = load(WHOLE, base)

    node = found.forward_nodes[0]
    archive, local = node.destinations
    assert found.profiles[0].name == "research"
    assert found.projects[0].secret == SECRET
    assert (node.ae_title, node.description, node.sources[0].check_hostname) == (
        "PHILAE",
        "CT to the trial archive",
        True,
    )
    assert archive.settings == Peer(ae_title="0123", port=4242)
    assert archive.deidentify is not None
    assert archive.deidentify.pseudonym == InTag(tag="(0010,0020)")
    assert local.settings == Drawer(path=Path("out"))


def test_pseudonyms_are_derived_unless_said_otherwise(base: Path) -> None:
    text = WHOLE.replace(', pseudonym: {kind: in_tag, tag: "(0010,0020)"}', "")

    deidentify = load(text, base).forward_nodes[0].destinations[0].deidentify

    assert deidentify is not None
    assert deidentify.pseudonym == Derived()


def test_titles_that_look_like_numbers_or_truth_stay_text(base: Path) -> None:
    text = "forward_nodes:\n  - ae_title: 0123\n  - ae_title: yes\n  - ae_title: 1e3\n  - ae_title: 2024-01-01\n"

    titles = [node.ae_title for node in load(text, base).forward_nodes]

    assert titles == ["0123", "yes", "1e3", "2024-01-01"]


def test_empty_values_count_as_left_out(base: Path) -> None:
    found = load("profiles:\nprojects: ~\nforward_nodes:\n  - ae_title: A\n    sources:\n    description: null\n", base)

    assert found.forward_nodes[0].sources == ()
    assert found.forward_nodes[0].description == ""


def test_all_faults_are_reported_at_once_with_path_and_line(base: Path) -> None:
    text = """\
profiles:
  - file: profiles/research.yml
  - file: profiles/nowhere.yml
  - research
projects:
  - {name: Trial, profile: other}
  - name: Trial
    profile: research
    secret: abc
surprise: 1
forward_nodes:
  - ae_title: PHILAE
    destinations:
      - {name: a, kind: peer, ae_title: X, port: 4242}
      - name: a
        kind: peer
        ae_title: ABCDEFGHIJKLMNOPQ
        port: many
        hostnam: x
        deidentify: {project: Nothing, pseudonym: {kind: in_tag}}
      - {name: b, kind: carrier_pigeon}
      - {name: c}
  - ae_title: PHILAE
    sources: [CT01]
"""

    found = {(path, line) for path, line, _ in faults(text, base)}

    assert found == {
        ("profiles[1].file", 3),
        ("profiles[2]", 4),
        ("projects[0].profile", 6),
        ("projects[1].name", 7),
        ("projects[1].secret", 9),
        ("surprise", 10),
        ("forward_nodes[0].destinations[1].name", 15),
        ("forward_nodes[0].destinations[1].ae_title", 17),
        ("forward_nodes[0].destinations[1].port", 18),
        ("forward_nodes[0].destinations[1].hostnam", 19),
        ("forward_nodes[0].destinations[1].deidentify.project", 20),
        ("forward_nodes[0].destinations[1].deidentify.pseudonym.tag", 20),
        ("forward_nodes[0].destinations[2].kind", 21),
        ("forward_nodes[0].destinations[3].kind", 22),
        ("forward_nodes[1].ae_title", 23),
        ("forward_nodes[1].sources[0]", 24),
    }


def test_faults_of_a_profile_carry_its_file_and_its_lines(base: Path) -> None:
    (base / "bad.yml").write_text("name: bad\nversion: 1\nprofileElements:\n  - name: x\n    codename: no.such.thing\n")

    found = faults("profiles:\n  - file: bad.yml\n", base)

    assert found
    assert all(path.startswith("profiles[0].file (bad.yml)") for path, _, _ in found)
    assert {line for _, line, _ in found} <= {4, 5}


def test_a_secret_never_stands_in_a_fault(base: Path) -> None:
    text = WHOLE.replace(SECRET, "0123456789abcdef0123456789abcdeX").replace("port: 4242", "port: x")

    found = faults(text, base)

    assert len(found) == 2
    assert not any("0123456789abcdef" in message for _, _, message in found)


@pytest.mark.parametrize(
    "text",
    [
        "- a list",
        "just text",
        "forward_nodes: {a: b}",
        "forward_nodes: [{ae_title: A, destinations: [{name: a, kind: [b]}]}]",
        "forward_nodes: [{ae_title: [A], destinations: {name: a}}]",
        "projects: [{name: [a], profile: {b: c}, secret: [d]}]",
        "forward_nodes: [",
        "a: b: c",
        "forward_nodes:\n\t- x",
        "version: 3",
        "? [a, b]\n: c",
        "projects: [{name: a, name: b, profile: c}]",
        "forward_nodes: !!python/object:os.system x",
        "x: \x00",
        "[" * 2000,
        "a: &a [x]\n" + "".join(f"{n}: &{n} [{f'*{p},' * 10}]\n" for p, n in pairwise("abcdefgh")),
        "a: &a [*a]",
    ],
)
def test_what_is_no_document_is_refused_not_crashed_on(text: str, base: Path) -> None:
    assert faults(text, base)


@given(st.text(max_size=200))
def test_any_text_is_loaded_or_refused(text: str) -> None:
    try:
        load(text, Path("/nowhere"))
    except DocumentFaults:
        return


def without_secrets(configuration: Configuration) -> Configuration:
    projects = tuple(project.model_copy(update={"secret": None}) for project in configuration.projects)
    return configuration.model_copy(update={"projects": projects})


def test_exported_document_holds_everything_but_secrets(base: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    configuration = load(WHOLE, base)

    again = load(dump_document(configuration), tmp_path_factory.mktemp("elsewhere"))

    assert again == without_secrets(configuration)


NAMES = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=16).filter(
    lambda text: text == text.strip() and "\\" not in text
)


@given(title=NAMES, name=NAMES, description=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40))
def test_any_names_survive_export(title: str, name: str, description: str) -> None:
    configuration = Configuration.model_validate(
        {
            "forward_nodes": [
                {
                    "ae_title": title,
                    "description": description,
                    "destinations": [{"name": name, "settings": {"kind": "peer", "ae_title": title, "port": 1}}],
                }
            ]
        },
        context={"destination_kinds": {"peer": Peer}},
    )

    assert load(dump_document(configuration), Path("/nowhere")) == configuration
