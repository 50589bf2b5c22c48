"""The CT series of the demo study: a phantom in a few small slices."""

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage

from philae.demo.identity import Identity
from philae.demo.modules import add_equipment, add_patient, add_request, add_study, code, da

SIZE = 128
SLICES = 8
THICKNESS_MM = 5.0
SPACING_MM = 2.5


def ct_slice(identity: Identity, number: int) -> Dataset:
    """Return slice ``number``, counted from 1, conformant to the CT Image IOD (PS3.3 A.3)."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = identity.uid(f"CT {number}")
    add_patient(dataset, identity)
    add_study(dataset, identity)
    add_equipment(dataset, identity)
    add_request(dataset, identity)
    _add_series(dataset, identity)
    _add_image(dataset, identity, number)
    _add_scanner(dataset)
    _add_private(dataset, identity, number)
    return dataset


def phantom(number: int) -> npt.NDArray[np.int16]:
    """Return one slice in Hounsfield units, (rows, columns): a body, two lungs, a spine, some noise."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE]
    image = np.full((SIZE, SIZE), -1000.0)
    swell = 1.0 + 0.02 * number
    for row, column, height, width, value in (
        (64, 64, 44, 58, 40.0),
        (60, 40, 26 * swell, 18 * swell, -820.0),
        (60, 88, 26 * swell, 18 * swell, -820.0),
        (94, 64, 9, 9, 700.0),
    ):
        image[((rows - row) / height) ** 2 + ((columns - column) / width) ** 2 <= 1.0] = value
    noise = np.random.default_rng(number).normal(0.0, 8.0, image.shape)
    return np.clip(image + noise, -1024, 3071).astype(np.int16)


def _add_series(dataset: Dataset, identity: Identity) -> None:
    dataset.Modality = "CT"
    dataset.SeriesInstanceUID = identity.uid("CT series")
    dataset.SeriesNumber = "1"
    dataset.SeriesDate = da(identity.study_date)
    dataset.SeriesTime = "101730"
    dataset.SeriesDescription = "Chest 5 mm"
    dataset.ProtocolName = "CHEST_ROUTINE"
    dataset.BodyPartExamined = "CHEST"
    dataset.PatientPosition = "HFS"
    dataset.OperatorsName = identity.operator
    dataset.PerformingPhysicianName = identity.referring_physician
    dataset.PerformedProcedureStepID = "PPS-1"
    dataset.PerformedProcedureStepStartDate = da(identity.study_date)
    dataset.PerformedProcedureStepStartTime = "101600"
    dataset.FrameOfReferenceUID = identity.uid("frame of reference")
    dataset.PositionReferenceIndicator = None


def _add_image(dataset: Dataset, identity: Identity, number: int) -> None:
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.InstanceNumber = str(number)
    dataset.AcquisitionNumber = "1"
    dataset.AcquisitionDate = dataset.ContentDate = da(identity.study_date)
    dataset.AcquisitionTime = f"1018{number:02d}.250000"
    dataset.ContentTime = f"1019{number:02d}"
    dataset.AcquisitionDateTime = f"{da(identity.study_date)}1018{number:02d}.250000+0100"
    dataset.ImageComments = f"Slice {number} of {identity.patient_name.replace('^', ' ')}"
    dataset.AnatomicRegionSequence = Sequence([code("51185008", "SCT", "Chest")])
    dataset.ImagePositionPatient = ["-160", "-160", f"{(number - 1) * THICKNESS_MM:g}"]
    dataset.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    dataset.SliceLocation = f"{(number - 1) * THICKNESS_MM:g}"
    dataset.SliceThickness = f"{THICKNESS_MM:g}"
    dataset.PixelSpacing = [f"{SPACING_MM:g}"] * 2
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows = dataset.Columns = SIZE
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.PixelRepresentation = 1
    dataset.RescaleIntercept = "0"
    dataset.RescaleSlope = "1"
    dataset.RescaleType = "HU"
    dataset.WindowCenter = "40"
    dataset.WindowWidth = "400"
    dataset.add_new("PixelData", "OW", phantom(number).astype("<i2").tobytes())


def _add_scanner(dataset: Dataset) -> None:
    dataset.KVP = "120"
    dataset.XRayTubeCurrent = "180"
    dataset.ExposureTime = "500"
    dataset.Exposure = "90"
    dataset.ConvolutionKernel = "B30f"
    dataset.GantryDetectorTilt = "0"
    dataset.TableHeight = "152.5"
    dataset.RotationDirection = "CW"
    dataset.DataCollectionDiameter = "500"
    dataset.ReconstructionDiameter = "320"


def _add_private(dataset: Dataset, identity: Identity, number: int) -> None:
    scanner = dataset.private_block(0x0009, "PHILAE DEMO SCANNER", create=True)
    scanner.add_new(0x01, "LO", f"raw data of {identity.patient_id}")
    scanner.add_new(0x02, "US", number)
    scanner.add_new(0x03, "OB", bytes(range(64)))
    worklist = dataset.private_block(0x0011, "PHILAE DEMO WORKLIST", create=True)
    entry = Dataset()
    entry.PatientName = identity.patient_name
    entry.ScheduledProcedureStepStartDate = da(identity.study_date)
    worklist.add_new(0x10, "SQ", Sequence([entry]))
