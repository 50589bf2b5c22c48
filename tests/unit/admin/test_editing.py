"""The desk where the configuration is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from philae import destinations, pseudonyms
from philae.admin.declined import ChangedMeanwhile
from philae.admin.editing import Change, Desk, Tree, named
from philae.config.configuration import Configuration
from philae.config.document import DocumentFaults, load_document
from tests.support.documents import document, node, to_folder
from tests.support.projects import FakeAudit


def read(text: str) -> Configuration:
    kinds = {"destination_kinds": destinations.SETTINGS, "pseudonym_kinds": pseudonyms.SETTINGS}
    return load_document(text, Path("/"), may_name_files=False, **kinds)  # type: ignore[arg-type]


@dataclass
class Site:
    """A desk, its versions in memory, and what somebody else does in the moment before each apply."""

    versions: list[Configuration] = field(default_factory=lambda: [Configuration()])
    rings: int = 0
    elsewhere: list[Callable[[], object]] = field(default_factory=list)
    audit: FakeAudit = field(default_factory=FakeAudit)

    def current(self) -> Configuration:
        return self.versions[-1]

    def version(self, number: int) -> Configuration:
        return self.versions[number]

    def apply(self, configuration: Configuration, *, seen: int | None = None) -> Configuration:
        if self.elsewhere:
            self.elsewhere.pop(0)()
        if seen not in (None, len(self.versions) - 1):
            raise ChangedMeanwhile
        self.versions.append(configuration.model_copy(update={"version": len(self.versions)}))
        return self.current()

    def ring(self) -> None:
        self.rings += 1

    def wait(self, timeout_s: float) -> bool:
        return False

    @property
    def desk(self) -> Desk:
        return Desk(self, self.audit, self, read)


@pytest.fixture
def site() -> Site:
    made = Site()
    made.versions.append(
        read(document(node(to_folder(Path("/a"))), node(ae_title="NORTH"))).model_copy(update={"version": 1})
    )
    return made


def describing(ae_title: str, words: str) -> tuple[Callable[[Tree], None], Callable[[Tree], object]]:
    def edit(tree: Tree) -> None:
        (named(tree["forward_nodes"], "ae_title", ae_title) or {})["description"] = words

    return edit, lambda tree: named(tree["forward_nodes"], "ae_title", ae_title)


def describe(site: Site, ae_title: str, words: str, seen: int | None) -> Configuration:
    return site.desk.change(Change("anna", "node.described", ae_title, seen), *describing(ae_title, words))


def descriptions(site: Site) -> list[str]:
    return [each.description for each in site.current().forward_nodes]


def test_a_change_of_another_part_in_the_same_moment_is_kept(site: Site) -> None:
    site.elsewhere.append(lambda: describe(site, "NORTH", "of somebody else", 1))

    describe(site, "PHILAE", "of anna", 1)

    assert descriptions(site) == ["of anna", "of somebody else"]
    assert site.rings == len(site.audit.noted) == 2


def test_a_change_of_the_same_part_in_the_same_moment_wins_and_is_not_overwritten(site: Site) -> None:
    site.elsewhere.append(lambda: describe(site, "PHILAE", "of somebody else", 1))

    with pytest.raises(ChangedMeanwhile):
        describe(site, "PHILAE", "of anna", 1)

    assert descriptions(site) == ["of somebody else", ""]


def test_a_whole_document_replaces_only_what_its_author_saw(site: Site) -> None:
    describe(site, "PHILAE", "of somebody else", 1)

    with pytest.raises(ChangedMeanwhile):
        site.desk.replace(Change("anna", "configuration.applied", "", 1), document(node()))

    assert descriptions(site) == ["of somebody else", ""]


def test_who_names_no_version_means_the_current_one(site: Site) -> None:
    describe(site, "PHILAE", "of somebody else", 1)

    describe(site, "PHILAE", "of anna", None)

    assert descriptions(site) == ["of anna", ""]


def test_nothing_is_noted_of_what_was_refused(site: Site) -> None:
    with pytest.raises(DocumentFaults):
        site.desk.replace(Change("anna", "configuration.applied", "", 1), "forward_nodes: [{colour: red}]")

    assert (site.rings, site.audit.noted, len(site.versions)) == (0, [], 2)
