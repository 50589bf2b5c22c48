"""Enhanced CT of many frames with functional groups of their own, written without holding it in memory."""

import struct
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import EnhancedCTImageStorage, ExplicitVRLittleEndian

from benchmarks.workload.common import identified, items
from benchmarks.workload.images import CT_SIZE, SCANNER, body
from benchmarks.workload.template import Slots, encode, uid

PIXEL_DATA = struct.Struct("<HH2sHI")


def write_enhanced_ct(path: Path, slots: Slots, frames: int) -> None:
    """Write an Enhanced CT of ``frames`` frames of 512 KiB each."""
    header = encode(_header(slots, frames), ExplicitVRLittleEndian)
    frame = body(CT_SIZE).astype("<i2").tobytes()
    with path.open("wb") as file:
        file.write(header)
        file.write(PIXEL_DATA.pack(0x7FE0, 0x0010, b"OW", 0, frames * len(frame)))
        for number in range(frames):
            turn = 2 * (number * 977 % (len(frame) // 2))
            file.write(frame[turn:])
            file.write(frame[:turn])


def _header(slots: Slots, frames: int) -> Dataset:
    dataset = identified(slots, EnhancedCTImageStorage, "CT")
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    dataset.FrameOfReferenceUID = slots.frame_of_reference_uid
    dataset.NumberOfFrames = str(frames)
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows = dataset.Columns = CT_SIZE
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 1
    dataset.DimensionOrganizationSequence = items(DimensionOrganizationUID=uid("dimension"))
    shared = Dataset()
    shared.PixelMeasuresSequence = items(SliceThickness="1", PixelSpacing=["0.7", "0.7"])
    shared.CTExposureSequence = items(CTDIvol=SCANNER["CTDIvol"], ExposureModulationType="XYZ_EC")
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    dataset.PerFrameFunctionalGroupsSequence = Sequence([_frame(number) for number in range(frames)])
    return dataset


def _frame(number: int) -> Dataset:
    group = Dataset()
    group.FrameContentSequence = items(
        FrameAcquisitionDateTime=f"20240314101801.{number:06d}",
        FrameReferenceDateTime=f"20240314101801.{number:06d}",
        DimensionIndexValues=[1, number + 1],
        StackID="1",
        InStackPositionNumber=number + 1,
    )
    group.PlanePositionSequence = items(ImagePositionPatient=["-180", "-180", f"{number}"])
    group.PlaneOrientationSequence = items(ImageOrientationPatient=["1", "0", "0", "0", "1", "0"])
    group.IrradiationEventIdentificationSequence = items(IrradiationEventUID=uid("irradiation", number))
    return group
