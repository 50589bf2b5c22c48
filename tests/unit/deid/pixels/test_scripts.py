"""What is said to be readable is what the model knows."""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

import onnxruntime  # type: ignore[import-untyped]  # has no types
import pytest
import rapidocr

from philae.deid.pixels.scripts import is_readable

READ = "D\u00fcr\u00e4r \u0141ukasz \u0130\u015f\u0131k \u0150ry \u010c\u00e1p \u0391\u03b8\u03ae\u03bd\u03b1 \u738b\u82b3 \u3055\u3068\u3046 \u30b5\u30c8\u30a6"
NOT_READ = (
    "\u0418\u0432\u0430\u043d",
    "\uae40\uc601\ud76c",
    "\u05d3\u05d5\u05d3",
    "\u0639\u0644\u064a",
    "\u0e2a\u0e21\u0e0a\u0e32\u0e22",
)


@pytest.fixture(scope="module")
def known() -> frozenset[str]:
    model = Path(rapidocr.__file__).with_name("models") / "PP-OCRv6_rec_small.onnx"
    session = onnxruntime.InferenceSession(str(model))
    return frozenset(session.get_modelmeta().custom_metadata_map["character"])


def test_the_model_knows_the_letters_that_are_said_to_be_read(known: frozenset[str]) -> None:
    letters = {letter for letter in normalize("NFKD", READ) if letter.isalpha()}  # accents do not count

    assert is_readable(READ)
    assert letters <= known


@pytest.mark.parametrize("text", NOT_READ)
def test_other_scripts_are_not_read(text: str, known: frozenset[str]) -> None:
    assert not is_readable(text)
    assert not is_readable(f"Doe {text}")
    assert not known & set(text)


def test_digits_and_signs_are_read() -> None:
    assert is_readable("19570504, #12/3")
