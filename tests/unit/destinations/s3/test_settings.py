from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from philae.destinations.s3 import S3Settings


@pytest.mark.parametrize(
    "prefix, keys",
    [("", "{SOPInstanceUID}"), ("a", "a/{SOPInstanceUID}"), ("{Modality}/", "{Modality}/{SOPInstanceUID}")],
)
def test_prefix_and_layout_make_the_key(prefix: str, keys: str) -> None:
    assert S3Settings(bucket="studies", prefix=prefix, layout="{SOPInstanceUID}").keys == keys


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"bucket": "a b"}, "bucket"),
        ({"endpoint": "s3.example.org"}, "https://"),
        ({"endpoint": "https://u:p@s3.example.org"}, "no password"),
        ({"access_key_id": "a"}, "belong together"),
        ({"layout": "same"}, "SOPInstanceUID"),
        ({"prefix": "../x"}, "stay inside"),
        ({"prefix": "/x"}, "relative"),
        ({"prefix": "{PatientName}"}, "layout may use"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_words(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        S3Settings.model_validate({"bucket": "studies", **settings})


def test_a_secret_does_not_show() -> None:
    assert "hidden" not in repr(S3Settings(bucket="studies", access_key_id="a", secret_access_key="hidden"))
