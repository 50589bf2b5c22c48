"""The mean head and the region of its face."""

from __future__ import annotations

from importlib import util

import numpy as np
import pytest

from philae.deid.pixels import head_template
from philae.deid.pixels.errors import MissingCodec
from philae.deid.pixels.head_template import HEAD_LEVEL, indices, template


def patient(places: np.ndarray) -> np.ndarray:
    """Where (x, y, z) of the template are in the patient, in mm."""
    known = template().to_index
    return np.asarray(np.linalg.solve(known[:, :3], (places - known[:, 3]).T).T)


def test_the_face_is_in_front_and_below_the_rest_of_the_head() -> None:
    known = template()
    head = known.values > HEAD_LEVEL

    parts = (part[::4, ::4, ::4] for part in (head & known.face, head & ~known.face))
    face, rest = (patient(4 * np.argwhere(part)).mean(0) for part in parts)

    assert face[1] < rest[1] - 50
    assert face[2] < rest[2] - 50
    assert abs(face[0] - rest[0]) < 10


def test_points_lead_to_the_nearest_place_and_beside_the_template_to_its_edge() -> None:
    known = template()
    inside, outside = patient(np.array([[100.0, 60.0, 30.0]])), np.array([[-5000.0, -5000.0, -5000.0]])

    assert [int(axis[0]) for axis in indices(known.to_index, inside)] == [100, 60, 30]
    assert [int(axis[0]) for axis in indices(known.to_index, outside)] == [175, 255, 0]


def test_without_the_package_the_message_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head_template, "find_spec", lambda _name: None)

    with pytest.raises(MissingCodec, match="pydeface"):
        template.__wrapped__()
    assert util.find_spec("pydeface") is not None
