from __future__ import annotations

import pytest

from philae.deid.profile_file import load_profile
from philae.deid.profile_heading import with_heading

ELEMENTS = "profileElements:\n- {name: a, codename: basic.dicom.profile}\n"
HEADING = {"name": "New: \"one\" - 'two' 🦴", "version": "2", "minimumKarnakVersion": "1.0.0"}


@pytest.mark.parametrize(
    "before",
    [
        "name: Old\nversion: '1'\n",
        "version:\nname: Old # ours\n",
        "name: |\n  Old\n",
        'name: "Old"\nminimumKarnakVersion: 0.9.2\nversion: 1',
        "# first\n\nname: 'Old'\nname: Older\n",
    ],
)
def test_only_the_heading_changes(before: str) -> None:
    text = before.rstrip("\n") + "\n" + ELEMENTS

    changed = with_heading(text, HEADING)

    profile = load_profile(changed)
    assert {
        "name": profile.name, "version": profile.version, "minimumKarnakVersion": profile.minimum_karnak_version
    } == HEADING  # fmt: skip
    assert changed.endswith(ELEMENTS)
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        line for line in changed.splitlines() if line.startswith("#")
    ]


def test_a_profile_on_one_line_is_changed_too() -> None:
    text = "{name: Old, profileElements: [{name: a, codename: basic.dicom.profile}]}"

    assert load_profile(with_heading(text, HEADING)).version == "2"


def test_what_is_to_be_empty_is_emptied_and_not_written_where_it_was_not() -> None:
    changed = with_heading("name: Old\nversion: '1'\n" + ELEMENTS, {"version": "", "minimumKarnakVersion": ""})

    assert load_profile(changed).version == ""
    assert "minimumKarnakVersion" not in changed
