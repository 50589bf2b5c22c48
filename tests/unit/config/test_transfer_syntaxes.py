from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from philae.config.destination import Destination
from philae.config.sending import QualitySettings
from philae.config.transfer_syntaxes import transfer_syntax_uid
from philae.deid.pixels.codec import AS_IT_CAME, Quality, Transcoding
from philae.destinations.folder import FolderSettings

SETTINGS = FolderSettings(path=Path("out"))
J2K, EXPLICIT_LE = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.1"


@pytest.mark.parametrize(
    "text, uid",
    [
        ("keep", "keep"),
        (J2K, J2K),
        ("JPEG2000Lossless", J2K),
        ("jpeg 2000 image compression (lossless only)", J2K),
        ("Explicit VR Little Endian", EXPLICIT_LE),
        ("RLE Lossless", "1.2.840.10008.1.2.5"),
    ],
)
def test_a_transfer_syntax_has_a_uid_a_name_and_a_keyword(text: str, uid: str) -> None:
    assert transfer_syntax_uid(text) == uid


@pytest.mark.parametrize("text", ["", "MPEG2MPML", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.4.203", "1.2.3"])
def test_what_images_are_not_written_in_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no transfer syntax that images can be written in"):
        transfer_syntax_uid(text)


def test_a_misspelt_one_is_told_what_comes_near() -> None:
    with pytest.raises(ValidationError, match=r"did you mean .*JPEG2000Lossless"):
        Destination(name="out", settings=SETTINGS, transfer_syntax="JPEG2000Losless")


def test_by_default_images_stay_as_they_came_and_compressed_ones_are_not_compressed_again() -> None:
    compressed = Destination(name="out", settings=SETTINGS, transfer_syntax=J2K, quality=QualitySettings(ratio=20))
    native = Destination(name="out", settings=SETTINGS, transfer_syntax=EXPLICIT_LE)
    anyway = Destination(name="out", settings=SETTINGS, transfer_syntax=J2K, transcode_only_uncompressed=False)

    assert Destination(name="out", settings=SETTINGS).transcoding == AS_IT_CAME
    assert compressed.transcoding == Transcoding(J2K, only_uncompressed=True, quality=Quality(ratio=20))
    assert native.transcoding == Transcoding(EXPLICIT_LE, only_uncompressed=False)
    assert anyway.transcoding == Transcoding(J2K, only_uncompressed=False)
