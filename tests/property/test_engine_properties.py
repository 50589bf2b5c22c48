"""What must hold for any dataset and profile."""

import re
from datetime import UTC, datetime
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from philae.deid.dataset import decode, encode
from philae.deid.engine import CompiledProfile, compile_profile
from philae.deid.profile import ElementSpec, Profile, Project
from philae.dicom.splice import joined, length, splice
from philae.dicom.syntax import TransferSyntax
from philae.dicom.tags import parse_tag_pattern
from tests.support.reference import Reference
from tests.support.strategies import BASIC, instances, profiles, syntaxes, trees
from tests.support.trees import Element, Tree, encoded, parse
from tests.support.trees import encode as encode_tree

NOW = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
PROJECT = Project("Project", bytes(range(16)))
MARKER = re.compile(rb"[0-9]{10}")


@cache
def _compiled(elements: tuple[ElementSpec, ...]) -> CompiledProfile:
    return compile_profile(Profile("Profile", elements=elements), PROJECT)


def _morphed(tree: Tree, elements: tuple[ElementSpec, ...], syntax: TransferSyntax, *, undefined: bool) -> bytes:
    instance = encoded(tree, syntax, undefined=undefined)
    return joined(instance.source, splice(instance, _compiled(elements).morph(instance).edits))


def _unpadded(tree: Tree) -> Tree:
    return [
        Element(
            element.tag,
            element.vr,
            element.value.rstrip(b" \0") if isinstance(element.value, bytes) else list(map(_unpadded, element.value)),
        )
        for element in tree
    ]


@settings(max_examples=300)
@given(trees(), profiles, syntaxes, st.booleans())
def test_the_engine_does_what_a_plain_walk_does(
    tree: Tree, elements: tuple[ElementSpec, ...], syntax: TransferSyntax, undefined: bool
) -> None:
    raw = encode_tree(tree, syntax, undefined=undefined)
    dataset = decode(raw, syntax)
    Reference(Profile("Profile", elements=elements), PROJECT, syntax=syntax).walk(dataset)
    expected = encode(dataset, syntax).source

    found = _morphed(tree, elements, syntax, undefined=undefined)

    assert _unpadded(parse(found, syntax)) == _unpadded(parse(bytes(expected), syntax))


@settings(max_examples=200)
@given(trees(), syntaxes, st.booleans())
def test_what_no_rule_touches_keeps_every_byte(tree: Tree, syntax: TransferSyntax, undefined: bool) -> None:
    keep = ElementSpec("keep", "action.on.specific.tags", action="K", tags=(parse_tag_pattern("(xxxx,xxxx)"),))

    assert _morphed(tree, (keep,), syntax, undefined=undefined) == encode_tree(tree, syntax, undefined=undefined)


@settings(max_examples=200)
@given(instances(), syntaxes, st.booleans())
def test_a_removed_or_replaced_value_survives_nowhere(tree: Tree, syntax: TransferSyntax, undefined: bool) -> None:
    instance = encoded(tree, syntax, undefined=undefined)
    dataset = decode(bytes(instance.source), syntax)
    Reference(Profile("Profile", elements=(BASIC,)), PROJECT, "PATIENT-1", syntax).walk(dataset)
    kept = set(MARKER.findall(bytes(encode(dataset, syntax).source)))

    _, segments = _compiled((BASIC,)).apply(instance, pseudonym="P", now=NOW)
    generated = b"2.25."

    parts = joined(instance.source, segments)
    markers = {
        marker for marker in MARKER.findall(bytes(instance.source)) if marker in parts and generated not in marker
    }
    assert markers <= kept


@settings(max_examples=100)
@given(instances(), profiles, syntaxes)
def test_the_same_input_and_key_give_the_same_output(
    tree: Tree, elements: tuple[ElementSpec, ...], syntax: TransferSyntax
) -> None:
    first, second = (compile_profile(Profile("P", elements=elements), PROJECT) for _ in range(2))
    instance = encoded(tree, syntax)

    plans = [compiled.morph(instance) for compiled in (first, first, second)]

    assert plans[0] == plans[1] == plans[2]


@settings(max_examples=100)
@given(instances(), syntaxes, st.booleans())
def test_planning_changes_nothing_and_edits_ascend(tree: Tree, syntax: TransferSyntax, undefined: bool) -> None:
    before = encoded(tree, syntax, undefined=undefined)
    instance = type(before)(bytearray(before.source), 0, before.end, syntax)

    plan = _compiled((BASIC,)).plan(instance, pseudonym="P", now=NOW)

    assert bytes(instance.source) == before.source
    behind = 0
    for edit in plan.edits:
        assert behind <= edit.start <= edit.end <= before.end
        behind = edit.end
    segments = splice(instance, plan.edits)
    assert length(segments) == len(joined(instance.source, segments))
