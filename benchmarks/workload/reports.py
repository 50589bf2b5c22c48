"""Structured reports: many small nested elements, hardly any bytes."""

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ComprehensiveSRStorage

from benchmarks.workload.common import code, identified, items
from benchmarks.workload.template import Slots, uid

ELEMENTS_PER_MEASUREMENT = 22
REMARK = (
    "measured by Dr Reader in the axial plane on the portal venous phase, compared with the examination of last year; "
    "stable within the error of measurement, no new lesion, follow-up in six months suggested"
)


def report(slots: Slots, elements: int) -> Dataset:
    """Return a Comprehensive SR of about ``elements`` elements, the nested ones counted."""
    dataset = identified(slots, ComprehensiveSRStorage, "SR")
    dataset.CompletionFlag, dataset.VerificationFlag = "COMPLETE", "VERIFIED"
    dataset.VerifyingObserverSequence = items(
        VerifyingObserverName="Reader^Rolf",
        VerifyingOrganization="General Bench Hospital",
        VerificationDateTime="20240314111500",
        VerifyingObserverIdentificationCodeSequence=Sequence([code("0815", "Reader^Rolf")]),
    )
    dataset.ReferencedPerformedProcedureStepSequence = Sequence()
    dataset.PerformedProcedureCodeSequence = Sequence()
    dataset.ValueType, dataset.ContinuityOfContent = "CONTAINER", "SEPARATE"
    dataset.ConceptNameCodeSequence = Sequence([code("126000", "Imaging Measurement Report")])
    measurements = max(1, (elements - 95) // ELEMENTS_PER_MEASUREMENT)
    dataset.ContentSequence = Sequence([_measurement(number) for number in range(measurements)])
    return dataset


def _measurement(number: int) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", "NUM"
    item.ObservationDateTime = "20240314111200"
    item.ObservationUID = uid("observation", number)
    item.ConceptNameCodeSequence = Sequence([code("410668003", "Length")])
    item.MeasuredValueSequence = items(
        NumericValue=f"{10 + number}.5", MeasurementUnitsCodeSequence=Sequence([code("mm", "millimetre")])
    )
    source = Dataset()
    source.RelationshipType, source.ValueType = "INFERRED FROM", "TEXT"
    source.ConceptNameCodeSequence = Sequence([code("121106", "Comment")])
    source.TextValue = f"Lesion {number}: {REMARK}"
    item.ContentSequence = Sequence([source])
    return item
