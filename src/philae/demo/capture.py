"""The secondary capture of the demo study: a dose sheet with the patient's name burned in."""

import unicodedata

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.uid import SecondaryCaptureImageStorage

from philae.demo.identity import Identity
from philae.demo.modules import add_equipment, add_patient, add_study, da

ROWS, COLUMNS = 96, 160
GLYPHS = {
    "A": "257555", "B": "656656", "C": "744447", "D": "655556", "E": "746447", "F": "746444", "G": "744557",
    "H": "557555", "I": "722227", "J": "711157", "K": "556655", "L": "444447", "M": "577555", "N": "675555",
    "O": "755557", "P": "757444", "Q": "755571", "R": "756655", "S": "747117", "T": "722222", "U": "555557",
    "V": "555552", "W": "555775", "X": "552255", "Y": "557222", "Z": "712447", "0": "755557", "1": "262227",
    "2": "717447", "3": "717117", "4": "557111", "5": "747117", "6": "747557", "7": "711222", "8": "757557",
    "9": "757117", "-": "007000", " ": "000000",
}  # fmt: skip


def secondary_capture(identity: Identity) -> Dataset:
    """Return the capture, conformant to the Secondary Capture Image IOD (PS3.3 A.8.1)."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.SOPInstanceUID = identity.uid("capture")
    add_patient(dataset, identity)
    add_study(dataset, identity)
    add_equipment(dataset, identity)
    dataset.Modality = "OT"
    dataset.ConversionType = "WSD"
    dataset.BodyPartExamined = "CHEST"
    dataset.SeriesInstanceUID = identity.uid("capture series")
    dataset.SeriesNumber = "99"
    dataset.SeriesDescription = "Dose sheet"
    dataset.InstanceNumber = "1"
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.PatientOrientation = None
    dataset.ContentDate = dataset.DateOfSecondaryCapture = da(identity.study_date)
    dataset.ContentTime = dataset.TimeOfSecondaryCapture = "103000"
    dataset.BurnedInAnnotation = "YES"
    dataset.SamplesPerPixel = 3
    dataset.PhotometricInterpretation = "RGB"
    dataset.PlanarConfiguration = 0
    dataset.Rows, dataset.Columns = ROWS, COLUMNS
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelRepresentation = 0
    dataset.add_new("PixelData", "OB", sheet(identity).tobytes())
    return dataset


def sheet(identity: Identity) -> npt.NDArray[np.uint8]:
    """Return the picture, (rows, columns, 3): name and number on top, a dose curve below."""
    image = np.full((ROWS, COLUMNS, 3), 24, dtype=np.uint8)
    _write(image, 6, identity.patient_name.replace("^", " "))
    _write(image, 22, identity.patient_id)
    curve = (70 + 14 * np.sin(np.arange(8, COLUMNS - 8) / 9.0)).astype(int)
    image[curve, np.arange(8, COLUMNS - 8)] = (80, 220, 120)
    return image


def _write(image: npt.NDArray[np.uint8], top: int, text: str) -> None:
    """Draw ``text`` in twice-enlarged 3 x 6 glyphs; letters without a glyph are drawn as their base letter."""
    left = 6
    for letter in _plain(text):
        rows = [[int(bit) for bit in f"{int(digit):03b}"] for digit in GLYPHS[letter]]
        glyph = np.kron(np.array(rows, dtype=np.uint8), np.ones((2, 2), dtype=np.uint8))
        if left + glyph.shape[1] > COLUMNS:
            return
        image[top : top + glyph.shape[0], left : left + glyph.shape[1]][glyph == 1] = 255
        left += glyph.shape[1] + 2


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.upper())
    return "".join(letter for letter in decomposed if letter in GLYPHS)
