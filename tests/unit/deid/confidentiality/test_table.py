"""Table E.1-1 of PS3.15, row by row: Basic Profile and each option, at four depths, in explicit and implicit VR."""

import pytest

from philae.deid.attributes import ATTRIBUTES, DROPPED
from philae.deid.profile import ElementSpec
from philae.dicom.splice import joined
from philae.dicom.standard.confidentiality import Option, basic_profile
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from tests.support.engine import CT, NOW, engine
from tests.support.rows import DEPTHS, element_of, expected_code, is_done, path_of, rows, tree_of
from tests.support.trees import Element, Tree, encoded, items_of, parse, text

COLUMNS = [None, *Option]
SYNTAXES = [EXPLICIT_LE, IMPLICIT_LE]
ROWS = 657
SET = {attribute.tag for attribute in ATTRIBUTES} | DROPPED | {0x00100020}
NOT_DONE = {  # what cannot be vouched for is treated as without the option
    Option.CLEAN_DESCRIPTORS: {"OB"},  # sound and documents
    Option.RETAIN_LONGITUDINAL_MODIFIED_DATES: {"OB"},
    Option.CLEAN_GRAPHICS: {"OW"},  # the pixels of overlay planes
    Option.RETAIN_SAFE_PRIVATE: {"LO"},  # private elements that no table calls safe
}


def spec(option: Option | None) -> ElementSpec:
    arguments = () if option is None else (("options", option.value),)
    return ElementSpec("basic", "basic.dicom.profile", arguments=arguments)


def outcome(option: Option | None, syntax: TransferSyntax) -> dict[int, dict[int, Element]]:
    """The elements that go out, by depth and tag."""
    root = {element.tag: element for element in tree_of(0)}
    root |= {0x00080016: text(0x00080016, "UI", CT), 0x00100020: text(0x00100020, "LO", "PATIENT-1")}
    for depth in DEPTHS[1:]:
        [outer] = tree_of(depth)
        before = root.get(outer.tag)
        root[outer.tag] = outer if before is None else Element(outer.tag, "SQ", [*items_of(before), *items_of(outer)])
    source = encoded([root[tag] for tag in sorted(root)], syntax)
    _, segments = engine(spec(option)).apply(source, pseudonym="P", now=NOW)
    out = parse(joined(source.source, segments), syntax)
    return {depth: {element.tag: element for element in _at(out, depth)} for depth in DEPTHS}


def _at(tree: Tree, depth: int) -> Tree:
    """The items at the end of the path of ``depth``; the one with the most elements is meant."""
    found = [tree]
    for tag in path_of(depth):
        found = [item for each in found for element in each if element.tag == tag for item in items_of(element)]
    return max(found, key=len)


def failures(option: Option | None, syntax: TransferSyntax) -> tuple[list[str], int]:
    found, count = [], 0
    out = outcome(option, syntax)
    for depth in DEPTHS:
        for at, (tag, row) in enumerate(rows()):
            count += 1
            if depth == 0 and tag in SET:
                continue  # default attributes have the last word
            before = element_of(tag, depth * 1000 + at)
            code = expected_code(row, tag, depth, option, CT)
            if code == "C" and option is not None and before.vr in NOT_DONE.get(option, ()):
                code = expected_code(row, tag, depth, None, CT)
            if not is_done(code, row, before, out[depth].get(tag), option):
                found.append(f"{tag:08X} {before.vr} depth {depth}: {code} of {row.basic}, now {out[depth].get(tag)}")
    return found, count


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: str(syntax.name))
@pytest.mark.parametrize("option", COLUMNS, ids=lambda option: option or "basic profile")
def test_every_row_is_treated_as_its_column_says(option: Option | None, syntax: TransferSyntax) -> None:
    found, count = failures(option, syntax)

    assert found == []
    assert count == ROWS * len(DEPTHS)


def test_the_cases_are_all_rows_columns_depths_and_layouts() -> None:
    table = basic_profile()

    cases = (len(table.exact) + len(table.patterns)) * len(COLUMNS) * len(DEPTHS) * len(SYNTAXES)

    print(f"{cases} cases of Table E.1-1")  # noqa: T201 - pytest -s shows how many
    assert cases == ROWS * 11 * 4 * 2 == 57_816
