"""Encoded CT, MR and RGB instances of the sizes that hospitals send."""

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, MRImageStorage, UltrasoundImageStorage

from benchmarks.workload.common import code, identified, items
from benchmarks.workload.template import Slots, uid

CT_SIZE = 512
BLOB_BYTES = 6 * 1024


def ct_image(slots: Slots) -> Dataset:
    """Return a CT slice of 0.53 MB: 147 elements at the top level, three private blocks, one blob of 6 KiB."""
    dataset = identified(slots, CTImageStorage, "CT")
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    add_geometry(dataset, slots)
    for keyword, value in SCANNER.items():
        setattr(dataset, keyword, value)
    dataset.AnatomicRegionSequence = Sequence([code("51185008", "Chest")])
    dataset.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = Sequence([code("24028007", "Right")])
    dataset.CTDIPhantomTypeCodeSequence = Sequence([code("113691", "IEC Body Dosimetry Phantom")])
    dataset.ReferencedImageSequence = items(
        ReferencedSOPClassUID=CTImageStorage, ReferencedSOPInstanceUID=uid("referenced image")
    )
    dataset.ReferencedStudySequence = items(
        ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1", ReferencedSOPInstanceUID=slots.study_instance_uid
    )
    _add_private_blocks(dataset)
    add_monochrome(dataset, body(CT_SIZE))
    return dataset


def mr_image(slots: Slots, size: int) -> Dataset:
    """Return an MR slice of ``size`` x ``size`` pixels."""
    dataset = identified(slots, MRImageStorage, "MR")
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
    add_geometry(dataset, slots)
    dataset.ScanningSequence, dataset.SequenceVariant, dataset.ScanOptions = "SE", "SK", ""
    dataset.MRAcquisitionType, dataset.MagneticFieldStrength = "2D", "3"
    dataset.RepetitionTime, dataset.EchoTime, dataset.FlipAngle = "500", "12", "90"
    dataset.EchoTrainLength = "1"
    _add_private_blocks(dataset, blob_bytes=512)
    add_monochrome(dataset, body(size))
    return dataset


def rgb_image(slots: Slots, rows: int, columns: int) -> Dataset:
    """Return an ultrasound still in RGB."""
    dataset = identified(slots, UltrasoundImageStorage, "US")
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "ABDOMINAL"]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", 0
    dataset.Rows, dataset.Columns = rows, columns
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.PatientOrientation = None
    noise = np.random.default_rng(3).integers(0, 256, (rows, columns, 3), dtype=np.uint8)
    dataset.add_new("PixelData", "OB", noise.tobytes())
    return dataset


def body(size: int) -> npt.NDArray[np.int16]:
    """Return a slice, (rows, columns), as noisy as a real one so that it compresses like one."""
    rows, columns = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    inside = rows**2 / 0.5 + columns**2 / 0.8 <= 1.0
    noise = np.random.default_rng(7).normal(0.0, 40.0, (size, size))
    return np.where(inside, 40.0 + 60.0 * np.sin(9 * rows * columns) + noise, -1000.0).astype(np.int16)


def add_geometry(dataset: Dataset, slots: Slots) -> None:
    """Add the Frame of Reference and Image Plane modules."""
    dataset.FrameOfReferenceUID = slots.frame_of_reference_uid
    dataset.PositionReferenceIndicator = None
    dataset.ImagePositionPatient = ["-180", "-180", "-450.5"]
    dataset.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    dataset.SliceLocation, dataset.SliceThickness = "-450.5", "1"
    dataset.PixelSpacing = ["0.7", "0.7"]


def add_monochrome(dataset: Dataset, pixels: npt.NDArray[np.int16]) -> None:
    """Add the Image Pixel module for one frame of signed 16-bit pixels."""
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 1
    dataset.WindowCenter, dataset.WindowWidth = ["40", "-600"], ["400", "1500"]
    dataset.WindowCenterWidthExplanation = ["SOFT", "LUNG"]
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = "0", "1", "HU"
    dataset.SmallestImagePixelValue, dataset.LargestImagePixelValue = int(pixels.min()), int(pixels.max())
    dataset.add_new("PixelData", "OW", pixels.astype("<i2").tobytes())


def _add_private_blocks(dataset: Dataset, blob_bytes: int = BLOB_BYTES) -> None:
    blob = np.random.default_rng(5).bytes(blob_bytes)
    for group, creator, count in (
        (0x0009, "BENCH IDENTITY", 6),
        (0x0029, "BENCH HEADER", 3),
        (0x0043, "BENCH PHYSICS", 5),
    ):
        block = dataset.private_block(group, creator, create=True)
        for offset in range(count):
            block.add_new(offset, "LO", f"private value {offset} of {creator.lower()}")
    dataset.private_block(0x0029, "BENCH HEADER").add_new(0x10, "OB", blob)


SCANNER = {
    "KVP": "120",
    "DataCollectionDiameter": "500",
    "ReconstructionDiameter": "360",
    "DistanceSourceToDetector": "1085.6",
    "GantryDetectorTilt": "0",
    "TableHeight": "152.5",
    "RotationDirection": "CW",
    "ExposureTime": "500",
    "XRayTubeCurrent": "180",
    "Exposure": "90",
    "FilterType": "FLAT",
    "FocalSpots": "1.2",
    "ConvolutionKernel": "B30f",
    "ContrastBolusAgent": "agent",
    "ContrastBolusRoute": "IV",
    "ContrastBolusVolume": "80",
    "SingleCollimationWidth": 0.6,
    "TotalCollimationWidth": 38.4,
    "TableFeedPerRotation": 23.0,
    "SpiralPitchFactor": 0.6,
    "DataCollectionCenterPatient": [0.0, 0.0, -450.5],
    "ReconstructionTargetCenterPatient": [0.0, 0.0, -450.5],
    "ExposureModulationType": "XYZ_EC",
    "CTDIvol": 7.4,
    "ScanOptions": "SPIRAL",
    "TriggerTime": "0",
    "IrradiationEventUID": "1.2.840.99999.1.2.3",
    "ImageComments": "reviewed with the ward",
    "BurnedInAnnotation": "NO",
    "LossyImageCompression": "00",
    "CurrentPatientLocation": "Ward 7",
    "ReasonForStudy": "fall",
}
