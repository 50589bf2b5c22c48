"""``replace.uid`` does what its name says."""

import pytest

from philae.deid.keys import Keys
from philae.deid.profile import ElementSpec
from philae.dicom.tags import parse_tag_pattern
from tests.support.engine import SECRET, deidentified, engine, instance
from tests.support.trees import text

FRAME = 0x00200052


@pytest.mark.parametrize(
    "action, expected", [(None, Keys(SECRET).uid("1.2.3")), ("U", Keys(SECRET).uid("1.2.3")), ("Z", "")]
)
def test_listed_uids_are_replaced(action: str | None, expected: str) -> None:
    spec = ElementSpec("Uids", "replace.uid", action=action, tags=(parse_tag_pattern("FrameOfReferenceUID"),))
    tree = instance(text(FRAME, "UI", "1.2.3"), text(0x0020000D, "UI", "1.2.4"))

    out = deidentified(engine(spec), tree)

    assert out[FRAME] == text(FRAME, "UI", expected)
    assert out[0x0020000D] == text(0x0020000D, "UI", "1.2.4")
