"""What people see of one instance before anything leaves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

import pytest
from pydicom.dataset import Dataset

from philae.admin import before_after
from philae.admin.before_after import Comparison, Looking, compiled_for, sample
from philae.deid.pixels.errors import BadPixels
from philae.deid.profile import Project
from philae.deid.profile_file import load_profile
from philae.deid.requests import Reply, Request
from tests.support.datasets import part10
from tests.support.documents import PROFILE
from tests.support.images import GREY, dataset, pixels

NOW = datetime(2026, 1, 2, tzinfo=UTC)
KEEPING = "name: A\nprofileElements:\n- {name: kept, codename: action.on.specific.tags, action: K, tags: [StudyID]}\n"
ASKING = (
    "name: A\nprofileElements:\n"
    "- {name: asked, codename: action.replace.api, tags: [StudyID], "
    "arguments: {url: 'https://a.example/x', responsePath: ''}}\n"
)


def looked(
    text: str,
    made: Dataset,
    *,
    pseudonym: str = "",
    frame: int = 1,
    answer: str = "",
    syntax: str = "1.2.840.10008.1.2.1",
) -> Comparison:
    def ask(requests: Collection[Request]) -> Mapping[Request, Reply]:
        return dict.fromkeys(requests, answer)

    compiled = compiled_for(load_profile(text), Project("Trial", bytes(16)))
    return Looking(compiled, pseudonym, frame, NOW, ask).at(part10(made, syntax))


def image(**changes: object) -> Dataset:
    return dataset(GREY, pixels(GREY), **changes)


def test_without_a_pseudonym_it_is_the_one_that_the_gateway_derives() -> None:
    first, second = looked(PROFILE, image()), looked(PROFILE, image())

    assert first.pseudonym == second.pseudonym
    assert first.pseudonym.startswith("P-")
    assert looked(PROFILE, image(), pseudonym="X").pseudonym == "X"


def test_an_identifier_that_would_be_left_is_told() -> None:
    found = looked(KEEPING, image())

    assert "SOPInstanceUID" in {leak.keyword for leak in found.leaks}
    assert looked(PROFILE, image()).leaks == ()


def test_what_a_web_service_answers_is_shown() -> None:
    found = looked(ASKING, image(StudyID="1"), answer="from afar")

    assert next(row.after for row in found.rows if row.keyword == "StudyID") == "from afar"


def test_a_deflated_instance_is_shown_with_its_picture() -> None:
    found = looked(PROFILE, image(), syntax="1.2.840.10008.1.2.1.99")

    assert found.picture is not None
    assert found.picture.startswith(b"\x89PNG")


def test_a_long_header_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(before_after, "MOST_ROWS", 5)

    found = looked(PROFILE, image())

    assert (len(found.rows), found.is_cut) == (5, True)


def test_pixels_that_would_take_the_gateway_s_memory_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(before_after, "LARGEST_PICTURE", 100)

    found = looked(PROFILE, image())

    assert found.picture is None
    assert "philae preview --image" in found.no_picture
    with pytest.raises(BadPixels):
        sample(part10(image()))


def test_a_sample_tells_what_made_it() -> None:
    shown = sample(part10(image(Manufacturer="Maker", ManufacturerModelName="M1")))

    assert shown.device == {
        "stationName": "STATION", "manufacturer": "Maker", "modelName": "M1", "imageWidth": "62", "imageHeight": "48"
    }  # fmt: skip


def test_a_secret_that_is_made_up_is_another_each_time() -> None:
    profile = load_profile(PROFILE)

    assert compiled_for(profile, None).project.secret != compiled_for(profile, None).project.secret
