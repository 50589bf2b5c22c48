"""De-identification as most scripts do it: walk over a pydicom dataset and decide on each element.

The rules are the Basic Profile's table as dicom-anonymizer ships it, so that the work is the same in kind.
"""

import hashlib
import hmac

from dicomanonymizer.dicom_anonymization_databases import dicomfields_2024b as table
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

SECRET = b"0123456789abcdef"
DUMMIES = {
    "DA": "19000101",
    "DT": "19000101000000",
    "TM": "000000",
    "PN": "UNKNOWN",
    "UI": "2.25.1",
    "AS": "000Y",
    "DS": "0",
    "IS": "0",
    "SQ": Sequence(),
}
REMOVED = {tag for tags in (table.X_TAGS, table.X_Z_TAGS, table.X_D_TAGS, table.X_Z_D_TAGS) for tag in tags}
EMPTIED = {tag for tags in (table.Z_TAGS, table.Z_D_TAGS) for tag in tags}
REPLACED = set(table.D_TAGS)
UIDS = {tag for tags in (table.U_TAGS, table.X_Z_U_STAR_TAGS) for tag in tags}


def deidentify(dataset: Dataset) -> None:
    """De-identify ``dataset`` in place, every sequence level, file meta included."""
    patient_id = str(dataset.get("PatientID", ""))
    dataset.remove_private_tags()
    dataset.walk(decide)
    identify(dataset, patient_id)


def identify(dataset: Dataset, patient_id: str) -> None:
    """Give ``dataset`` its new identity."""
    dataset.PatientID = dataset.PatientName = f"P-{keyed(patient_id).hex()[:12]}"
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "naive walk"
    if hasattr(dataset, "file_meta"):
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID


def decide(dataset: Dataset, element: DataElement) -> None:
    """Treat one element by the table."""
    tag = (element.tag.group, element.tag.element)
    if tag in UIDS:
        if element.VR == "UI" and element.value and not str(element.value).startswith("1.2.840.10008."):
            element.value = new_uid(str(element.value))
    elif tag in REMOVED:
        del dataset[element.tag]
    elif tag in EMPTIED:
        element.value = Sequence() if element.VR == "SQ" else None
    elif tag in REPLACED:
        element.value = DUMMIES.get(element.VR, "UNKNOWN")


def new_uid(uid: str) -> str:
    """Return the UID that stands for ``uid``."""
    return f"2.25.{int.from_bytes(keyed(uid)[:16])}"


def keyed(text: str) -> bytes:
    """Return the keyed hash of a text."""
    return hmac.digest(SECRET, text.encode(), hashlib.sha256)
