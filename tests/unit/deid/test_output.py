"""What leaves of an instance whose profile or destination wants other pixels."""

from __future__ import annotations

import subprocess
import sys
import zlib
from io import BytesIO

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from philae.deid.engine import CompiledProfile, compile_profile
from philae.deid.errors import Unreadable
from philae.deid.output import Output
from philae.deid.pixels.codec import Transcoding
from philae.deid.pixels.errors import PixelFault, UnusableMask
from philae.deid.profile import ElementSpec, Mask, Profile, Project, Rectangle
from philae.dicom.part10 import write_meta
from philae.dicom.scan import Encoded
from philae.dicom.splice import joined
from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax, transfer_syntax
from philae.dicom.tags import parse_tag_pattern
from tests.support.datasets import encode
from tests.support.engine import BASIC, NOW, SECRET
from tests.support.images import COLOUR, GREY, dataset, native_pixels, pixels

RLE, J2K = transfer_syntax("1.2.840.10008.1.2.5"), transfer_syntax("1.2.840.10008.1.2.4.90")
MASK = Mask("STATION", rectangles=(Rectangle(0, 0, 9, 9),))
CLEAN = ElementSpec("Clean", "clean.pixel.data")
DEFACE = ElementSpec("Deface", "clean.recognizable.visual.features")


def compiled(*elements: ElementSpec, mask: Mask = MASK, compat_karnak: bool = False) -> CompiledProfile:
    profile = Profile("Profile", elements=(*elements, BASIC), masks=(mask,))
    return compile_profile(profile, Project("P", SECRET, compat_karnak=compat_karnak))


def came(made: Dataset, syntax: TransferSyntax = EXPLICIT_LE) -> Encoded:
    raw = encode(made, syntax.uid)
    return Encoded(raw, 0, len(raw), syntax)


def output(rules: CompiledProfile, source: Encoded, wanted: TransferSyntax | None = None) -> Output:
    transcoding = Transcoding(wanted.uid if wanted else None)
    return rules.output(source, pseudonym="P", now=NOW, transcoding=transcoding)


def read(found: Output, source: Encoded) -> Dataset:
    whole = joined(source.source, [*found.segments()])
    meta = write_meta(found.plan.sop_class_uid, found.plan.sop_instance_uid, found.syntax.uid)
    return dcmread(BytesIO(meta + whole))


def codes(found: Dataset) -> list[str]:
    return [item.CodeValue for item in found.DeidentificationMethodCodeSequence]


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, DEFLATED_LE], ids=lambda syntax: syntax.name)
def test_masks_are_drawn_and_the_header_is_deidentified_and_says_so(syntax: TransferSyntax) -> None:
    source = came(dataset(COLOUR, pixels(COLOUR), BurnedInAnnotation="YES", PatientName="Doe^Jane"), syntax)

    found = output(compiled(CLEAN), source)

    image = read(found, source)
    after, before = native_pixels(image), pixels(COLOUR)
    assert found.syntax == syntax
    assert (after[0, :10, :10] == 0).all()
    after[0, :10, :10] = before[0, :10, :10]
    assert (after == before).all()
    assert image.PatientName == "P"
    assert image.BurnedInAnnotation == "NO"
    assert codes(image) == ["113100", "113101"]
    assert found.remark.startswith("mask sha256:")


def test_the_codes_tell_what_was_done_and_the_record_what_was_not() -> None:
    source = came(dataset(GREY, pixels(GREY), SOPClassUID="1.2.840.10008.5.1.4.1.1.2"))

    found = output(compiled(CLEAN, DEFACE), source)

    assert codes(read(found, source)) == ["113100"]
    assert found.remark == "not defaced, since it is not axial"


def test_an_image_that_shows_no_head_says_that_it_was_looked_at() -> None:
    plane = {"ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "PixelSpacing": [1, 1]}
    source = came(dataset(GREY, pixels(GREY), SOPClassUID="1.2.840.10008.5.1.4.1.1.2", **plane))

    found = output(compiled(CLEAN, DEFACE), source)

    assert codes(read(found, source)) == ["113100"]
    assert found.remark == "not defaced, since it shows no head"
    assert (native_pixels(read(found, source)) == pixels(GREY)).all()


def test_karnak_tells_it_in_advance() -> None:
    source = came(dataset(GREY, pixels(GREY), SOPClassUID="1.2.840.10008.5.1.4.1.1.2"))

    assert codes(read(output(compiled(CLEAN, compat_karnak=True), source), source)) == ["113101", "113100"]


def test_an_image_that_no_mask_fits_does_not_leave() -> None:
    rules = compiled(CLEAN, mask=Mask("ELSEWHERE", rectangles=MASK.rectangles))

    with pytest.raises(UnusableMask, match="add one to the profile's masks"):
        output(rules, came(dataset(GREY, pixels(GREY))))


def test_a_dataset_that_cannot_be_read_to_its_end_does_not_leave() -> None:
    source = came(dataset(GREY, pixels(GREY)))

    with pytest.raises(Unreadable):
        output(compiled(CLEAN), Encoded(source.source, 0, source.end - 8, EXPLICIT_LE))


def test_pixels_that_the_profile_removes_need_no_mask() -> None:
    removed = ElementSpec("Gone", "action.on.specific.tags", action="X", tags=(parse_tag_pattern("PixelData"),))
    rules = compiled(CLEAN, removed, mask=Mask("ELSEWHERE", rectangles=MASK.rectangles))
    source = came(dataset(GREY, pixels(GREY)))

    assert "PixelData" not in read(output(rules, source, RLE), source)


@pytest.mark.parametrize("syntax", [RLE, J2K, IMPLICIT_LE, DEFLATED_LE], ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("arrived", [EXPLICIT_LE, IMPLICIT_LE, DEFLATED_LE], ids=lambda syntax: syntax.name)
def test_an_image_goes_out_masked_in_the_transfer_syntax_that_is_wanted(
    arrived: TransferSyntax, syntax: TransferSyntax
) -> None:
    source = came(dataset(COLOUR, pixels(COLOUR)), arrived)

    found = output(compiled(CLEAN), source, syntax)

    image = read(found, source)
    assert found.syntax == syntax
    assert (np.asarray(image.pixel_array)[10:] == pixels(COLOUR)[0, 10:]).all()
    assert (np.asarray(image.pixel_array)[:10, :10] == 0).all()


def test_an_instance_without_pixels_keeps_its_transfer_syntax() -> None:
    made = dataset(GREY, pixels(GREY), PixelData=None)
    source = came(made, IMPLICIT_LE)

    assert output(compiled(), source, J2K).syntax == IMPLICIT_LE


def test_an_image_that_cannot_be_encoded_as_wanted_does_not_leave() -> None:
    short = came(dataset(GREY, pixels(GREY), Rows=1000))

    with pytest.raises(PixelFault):
        output(compiled(), short, RLE)


def test_a_deflated_image_is_deflated_again_and_unmasked_ones_stay_so() -> None:
    source = came(dataset(GREY, pixels(GREY), SOPClassUID="1.2.840.10008.5.1.4.1.1.2"), DEFLATED_LE)

    found = output(compiled(CLEAN), source)

    assert zlib.decompressobj(-15).decompress(joined(source.source, [*found.segments()]))
    assert (native_pixels(read(found, source)) == pixels(GREY)).all()


def test_instances_whose_pixels_stay_load_no_pixel_code() -> None:
    script = (
        "import sys, philae.deid.engine, philae.deid.files.deidentify, philae.pipeline.transform, philae.config.configuration\n"
        "sys.exit('numpy' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
