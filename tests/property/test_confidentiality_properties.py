"""What must hold for any dataset under any options of the Basic Profile.

``PHILAE_DATASETS`` sets how many datasets are made up.
"""

import os
import re
from datetime import UTC, datetime
from functools import cache

from hypothesis import example, given, settings
from hypothesis import strategies as st

from philae.deid.attributes import DROPPED
from philae.deid.dataset import decode, encode
from philae.deid.engine import CompiledProfile, compile_profile
from philae.deid.keys import Keys
from philae.deid.profile import ElementSpec, Profile, Project
from philae.dicom.scan import Encoded
from philae.dicom.splice import joined, splice
from philae.dicom.standard.confidentiality import Option, basic_profile
from philae.dicom.standard.iod import attribute_type, resolve
from tests.support.made_up import UID_ROOT, WORDS, MadeUp, walk
from tests.support.reference import Reference
from tests.support.trees import Element, Tree, parse

NOW = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
PROJECTS = Project("First", bytes(range(16))), Project("Second", bytes(range(16, 32)))
DATASETS = int(os.environ.get("PHILAE_DATASETS", "2000"))
NEW_UID = re.compile(rb"2\.25\.[0-9]{30,39}")
PLAIN = {"AT", "FD", "FL", "OB", "OW", "SL", "SS", "UL", "US", "DS", "IS"}


@cache
def _compiled(options: frozenset[Option], project: Project = PROJECTS[0]) -> CompiledProfile:
    spec = ElementSpec("basic", "basic.dicom.profile", arguments=(("options", ",".join(sorted(options))),))
    return compile_profile(Profile("Profile", elements=(spec,)), project)


def _deidentified(compiled: CompiledProfile, instance: Encoded) -> bytes:
    _, segments = compiled.apply(instance, pseudonym="PSEUDO", now=NOW)
    return joined(instance.source, segments)


@settings(max_examples=DATASETS, derandomize=DATASETS == 2000)
@given(st.integers(0, 2**64))
@example(1844599177)  # a name cut to the length of its VR
def test_options_keep_every_promise(seed: int) -> None:
    made = MadeUp(seed)
    before = bytes(made.encoded.source)
    instance = Encoded(bytearray(before), 0, len(before), made.syntax)
    compiled = _compiled(made.options)

    out = _deidentified(compiled, instance)

    assert bytes(instance.source) == before
    assert _deidentified(compiled, made.encoded) == out
    tree = parse(out, made.syntax)
    _assert_it_reads_again(out, made)
    _assert_removed_values_are_gone(out, made)
    _assert_identifiers_are_gone(out, made)
    _assert_uids_go_together(out, made)
    _assert_the_rest_is_untouched(tree, made)
    if not made.options and all(element.vr != "UN" for _, element in walk(made.tree)):  # pydicom rewrites UN
        _assert_a_plain_walk_does_the_same(compiled, made)


def _assert_it_reads_again(out: bytes, made: MadeUp) -> None:
    dataset = decode(out, made.syntax)
    count = sum(1 for _ in dataset.iterall())
    assert count >= len(dataset) > 0


def _code(path: tuple[int, ...], sop_class: str, options: frozenset[Option]) -> str | None:
    row = basic_profile().row_of(path[-1])
    if row is None:
        return None
    given_codes = {code for option, code in row.options.items() if option in options}
    if given_codes:
        return "C" if "C" in given_codes else "K"
    return resolve(row.basic, attribute_type(sop_class, path))


def _assert_removed_values_are_gone(out: bytes, made: MadeUp) -> None:
    for path, markers in made.markers.items():
        if _code(path, "", made.options) not in (None, "K", "C"):
            is_cleaned_text = made.options & {Option.CLEAN_STRUCTURED_CONTENT, Option.CLEAN_GRAPHICS}
            if not (is_cleaned_text and len(path) > 1):
                assert not any(marker in out for marker in markers), [f"{tag:08X}" for tag in path]


def _assert_identifiers_are_gone(out: bytes, made: MadeUp) -> None:
    if Option.CLEAN_DESCRIPTORS in made.options:
        patient = made.patient
        for secret in (patient.family, patient.given, patient.patient_id, patient.accession):
            assert secret.encode().lower() not in out.lower()


def _assert_uids_go_together(out: bytes, made: MadeUp) -> None:
    if Option.RETAIN_UIDS in made.options:
        assert made.study.encode() in out
        return
    assert UID_ROOT.encode() not in out
    ours, other = ({Keys(project.secret).uid(uid).encode() for uid in made.uids} for project in PROJECTS)
    assert all(_is_one_of(ours, found) for found in NEW_UID.findall(out))
    assert Keys(PROJECTS[0].secret).uid(made.study).encode() in out
    elsewhere = _deidentified(_compiled(made.options, PROJECTS[1]), made.encoded)
    assert all(_is_one_of(other, found) for found in NEW_UID.findall(elsewhere))
    assert not ours & other


def _is_one_of(uids: set[bytes], found: bytes) -> bool:
    """Whether it is one of them, maybe with a digit from the header behind it."""
    return found in uids or found[:-1] in uids


def _assert_the_rest_is_untouched(tree: Tree, made: MadeUp) -> None:
    after = {element.tag: element for element in tree}
    untouched = PLAIN if Option.CLEAN_DESCRIPTORS in made.options else PLAIN | WORDS
    for element in made.tree:
        is_spoken_of = element.tag in DROPPED or basic_profile().row_of(element.tag) is not None
        if element.vr in untouched and not is_spoken_of:
            assert after[element.tag] == element


def _assert_a_plain_walk_does_the_same(compiled: CompiledProfile, made: MadeUp) -> None:
    dataset = decode(bytes(made.encoded.source), made.syntax)
    Reference(compiled.profile, PROJECTS[0], made.patient.patient_id, made.syntax).walk(dataset)
    expected = bytes(encode(dataset, made.syntax).source)

    found = joined(made.encoded.source, splice(made.encoded, compiled.morph(made.encoded).edits))

    assert _unpadded(parse(found, made.syntax)) == _unpadded(parse(expected, made.syntax))


def _unpadded(tree: Tree) -> Tree:
    return [
        Element(
            element.tag,
            element.vr,
            element.value.rstrip(b" \0") if isinstance(element.value, bytes) else list(map(_unpadded, element.value)),
        )
        for element in tree
    ]
