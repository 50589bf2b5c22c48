"""Nothing that the Basic Profile must remove or replace is left anywhere in the bytes that go out."""

from datetime import UTC, datetime

import pytest

from philae.deid.engine import compile_profile
from philae.deid.profile import ElementSpec, Profile, Project
from philae.dicom.splice import joined
from philae.dicom.standard.confidentiality import basic_profile
from philae.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from tests.support.markers import marked, nested
from tests.support.trees import Tree, encoded, parse, text

NOW = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
SOP_CLASSES = {
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "SR": "1.2.840.10008.5.1.4.1.1.88.22",
    "segmentation": "1.2.840.10008.5.1.4.1.1.66.4",
    "private": "1.2.826.0.1.99",
}
SELECTOR_UN_VALUE = 0x0072006D


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE], ids=lambda syntax: str(syntax.name))
@pytest.mark.parametrize("undefined", [False, True], ids=["lengths", "delimiters"])
@pytest.mark.parametrize("sop_class", SOP_CLASSES.values(), ids=SOP_CLASSES)
def test_no_marker_survives(sop_class: str, undefined: bool, syntax: TransferSyntax) -> None:
    assert _left(sop_class, undefined=undefined, syntax=syntax, compat_karnak=False) == set()


@pytest.mark.parametrize("sop_class", SOP_CLASSES.values(), ids=SOP_CLASSES)
def test_reproducing_karnak_leaves_what_karnak_leaves(sop_class: str) -> None:
    left = _left(sop_class, undefined=False, syntax=EXPLICIT_LE, compat_karnak=True)

    assert {tag for _, tag in left} == {SELECTOR_UN_VALUE}  # spec Q2: a dummy that cannot be written


def _left(sop_class: str, *, undefined: bool, syntax: TransferSyntax, compat_karnak: bool) -> set[tuple[int, int]]:
    """Depth and tag of every marker that is still there."""
    parts = {depth: marked(depth + 1) for depth in (0, 1, 3, 8)}
    tree: Tree = [element for element in parts[0].tree if element.tag >> 16 > 2]
    tree.append(text(0x00080016, "UI", sop_class))
    tree += [element for depth in (1, 3, 8) for element in nested(parts[depth].tree, depth)]
    instance = encoded(_merged(tree), syntax, undefined=undefined)
    profile = Profile("Basic", elements=(ElementSpec("basic", "basic.dicom.profile"),))
    compiled = compile_profile(profile, Project("P", bytes(16), compat_karnak=compat_karnak))

    _, segments = compiled.apply(instance, pseudonym="PSEUDO", now=NOW)

    out = joined(instance.source, segments)
    parse(out, syntax)
    return {(depth, tag) for depth, part in parts.items() for tag, marker in part.markers.items() if marker in out}


def test_every_row_of_the_table_is_marked() -> None:
    rows = basic_profile()

    tags = {element.tag for element in marked(1).tree}

    assert set(rows.exact) <= tags
    assert all(any(row.matches(tag) for tag in tags) for row in rows.patterns)


def _merged(tree: Tree) -> Tree:
    """One element for each tag: several sequences with one tag become one with several items."""
    merged: dict[int, list[Tree]] = {}
    for element in tree:
        if isinstance(element.value, list):
            merged.setdefault(element.tag, []).extend(element.value)
    found = {element.tag: element for element in tree}
    return [found[tag] if tag not in merged else found[tag]._replace(value=merged[tag]) for tag in sorted(found)]
