"""Attributes that every benchmark instance carries."""

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from benchmarks.workload.template import Slots


def code(value: str, meaning: str) -> Dataset:
    """Return one item of a code sequence."""
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = "SCT"
    item.CodeMeaning = meaning
    return item


def items(**attributes: object) -> Sequence:
    """Return a sequence of one item with ``attributes`` by keyword."""
    item = Dataset()
    for keyword, value in attributes.items():
        setattr(item, keyword, value)
    return Sequence([item])


def identified(slots: Slots, sop_class_uid: str, modality: str) -> Dataset:
    """Return a dataset with the patient, study, series and equipment of ``slots``: 60 elements at the top level."""
    dataset = Dataset()
    dataset.SOPClassUID = sop_class_uid
    dataset.SOPInstanceUID = slots.sop_instance_uid
    dataset.StudyInstanceUID = slots.study_instance_uid
    dataset.SeriesInstanceUID = slots.series_instance_uid
    dataset.PatientName = slots.patient_name
    dataset.PatientID = slots.patient_id
    dataset.AccessionNumber = slots.accession_number
    dataset.InstanceNumber = slots.instance_number
    dataset.Modality = modality
    for keyword, value in COMMON.items():
        setattr(dataset, keyword, value)
    dataset.ReferringPhysicianIdentificationSequence = items(
        PersonIdentificationCodeSequence=Sequence([code("4711", "Referrer^Rita")]),
        PersonTelephoneNumbers="+41 21 555 00 01",
        InstitutionName="General Bench Hospital",
    )
    dataset.ProcedureCodeSequence = Sequence([code("169069000", "CT of chest")])
    dataset.OtherPatientIDsSequence = items(PatientID="756.1111.2222.33", TypeOfPatientID="TEXT")
    dataset.RequestAttributesSequence = items(
        AccessionNumber=slots.accession_number,
        RequestedProcedureID="RP-1",
        RequestedProcedureDescription="Asked for by Dr Referrer",
        ScheduledProcedureStepID="SPS-1",
        ScheduledProtocolCodeSequence=Sequence([code("77477000", "Computed tomography")]),
    )
    return dataset


COMMON = {
    "SpecificCharacterSet": "ISO_IR 100",
    "InstanceCreationDate": "20240314",
    "InstanceCreationTime": "101904",
    "StudyDate": "20240314",
    "SeriesDate": "20240314",
    "AcquisitionDate": "20240314",
    "ContentDate": "20240314",
    "AcquisitionDateTime": "20240314101801.250000",
    "StudyTime": "101500",
    "SeriesTime": "101730",
    "AcquisitionTime": "101801.250000",
    "ContentTime": "101904",
    "Manufacturer": "Bench Works",
    "ManufacturerModelName": "Bench 64",
    "InstitutionName": "General Bench Hospital",
    "InstitutionAddress": "Bench Street 1, 1000 Benchtown",
    "InstitutionalDepartmentName": "Radiology",
    "ReferringPhysicianName": "Referrer^Rita",
    "PhysiciansOfRecord": "Record^Remy",
    "PerformingPhysicianName": "Performer^Pia",
    "NameOfPhysiciansReadingStudy": "Reader^Rolf",
    "OperatorsName": "Operator^Olga",
    "RequestingPhysician": "Requester^Rudi",
    "StationName": "BENCH-1",
    "StudyDescription": "Chest and abdomen with contrast",
    "SeriesDescription": "Axial 1 mm soft",
    "ProtocolName": "CHEST_ROUTINE",
    "BodyPartExamined": "CHEST",
    "PatientPosition": "HFS",
    "DeviceSerialNumber": "SN-2048",
    "SoftwareVersions": ["1.0", "bench"],
    "DateOfLastCalibration": "20240301",
    "TimeOfLastCalibration": "060000",
    "IssuerOfPatientID": "BENCH",
    "PatientBirthDate": "19570602",
    "PatientSex": "F",
    "PatientAge": "066Y",
    "PatientSize": "1.71",
    "PatientWeight": "68.5",
    "PatientAddress": "Bench Street 7, 1000 Benchtown",
    "PatientTelephoneNumbers": "+41 21 555 00 07",
    "PatientMotherBirthName": "Mother^Maria",
    "PatientComments": "Known to the ward",
    "EthnicGroup": "unknown",
    "Occupation": "Watchmaker",
    "AdditionalPatientHistory": "Fall from a ladder",
    "StudyID": "1",
    "SeriesNumber": "3",
    "AcquisitionNumber": "1",
    "RequestedProcedureDescription": "CT chest",
    "PerformedProcedureStepStartDate": "20240314",
    "PerformedProcedureStepStartTime": "101600",
    "PerformedProcedureStepID": "PPS-1",
    "PerformedProcedureStepDescription": "CT chest",
    "PerformedStationAETitle": "BENCHCT",
}
