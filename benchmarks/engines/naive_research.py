"""The research profile as a script would do it: walk over a pydicom dataset, the first rule that applies counts."""

from datetime import timedelta

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.valuerep import DA, TM

from benchmarks.engines import naive_rules
from benchmarks.engines.over_pydicom import over_pydicom

DESCRIPTIONS = {(0x0008, 0x1030), (0x0008, 0x103E), (0x0018, 0x1030)}
SIZES = {(0x0010, 0x0040), (0x0010, 0x1020), (0x0010, 0x1030)}
COMMENTS = {(0x0010, 0x4000), (0x0020, 0x4000)}
STATION = (0x0008, 0x1010)
FRAMES_OF_REFERENCE = {(0x0020, 0x0052), (0x0020, 0x0200)}
MAX_DAYS = 365
LONGEST = 12


def _deidentify(dataset: Dataset) -> None:
    patient_id = str(dataset.get("PatientID", ""))
    days = int.from_bytes(naive_rules.keyed(patient_id)[:6]) % MAX_DAYS
    is_ct = str(dataset.get("Modality", "")) == "CT"
    is_chest = "CHEST" in str(dataset.get("BodyPartExamined", ""))

    def decide(item: Dataset, element: DataElement) -> None:
        if element.tag.is_private:
            if not _is_kept(element, is_ct=is_ct):
                del item[element.tag]
        elif element.VR in ("DA", "TM") and element.value:
            element.value = _moved(element, days)
        elif not (is_chest and (element.tag.group, element.tag.element) in SIZES):
            _by_tag(item, element)

    dataset.walk(decide)
    naive_rules.identify(dataset, patient_id)


def _by_tag(item: Dataset, element: DataElement) -> None:
    tag = (element.tag.group, element.tag.element)
    if tag in DESCRIPTIONS:
        if not 0 < len(str(element.value or "")) < LONGEST:
            element.value = "REMOVED"
    elif tag in COMMENTS:
        del item[element.tag]
    elif tag == STATION:
        element.value = None
    elif tag in FRAMES_OF_REFERENCE:
        element.value = naive_rules.new_uid(str(element.value))
    else:
        naive_rules.decide(item, element)


def _is_kept(element: DataElement, *, is_ct: bool) -> bool:
    if element.tag.is_private_creator:
        return element.tag.group in (0x0029, 0x0043)
    if element.tag.group == 0x0029:
        return element.tag.element & 0xFF in (0, 1)
    return is_ct and element.tag.group == 0x0043


def _moved(element: DataElement, days: int) -> str:
    if element.VR == "TM":
        return TM(str(element.value)).strftime("%H%M%S.%f")
    return (DA(str(element.value)) - timedelta(days=days)).strftime("%Y%m%d")


deidentify = over_pydicom(_deidentify)
