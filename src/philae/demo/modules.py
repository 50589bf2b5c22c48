"""The IOD modules that every instance of the demo study shares (PS3.3 C.7, C.12)."""

from datetime import date

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from philae.demo.identity import Identity

STUDY_TIME = "101500"


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """Return one item of a code sequence (PS3.3 8.8)."""
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning
    return item


def da(day: date) -> str:
    """Return a date as DA."""
    return f"{day:%Y%m%d}"


def add_patient(dataset: Dataset, identity: Identity) -> None:
    """Add the Patient and Patient Study modules."""
    dataset.PatientName = identity.patient_name
    dataset.PatientID = identity.patient_id
    dataset.IssuerOfPatientID = "EXEMPLES"
    dataset.PatientBirthDate = da(identity.birth_date)
    dataset.PatientSex = identity.sex
    dataset.PatientAge = identity.age
    dataset.PatientSize = "1.71"
    dataset.PatientWeight = "68.5"
    dataset.PatientAddress = identity.address
    dataset.PatientTelephoneNumbers = identity.telephone
    dataset.PatientMotherBirthName = identity.mother_birth_name
    dataset.PatientComments = f"Insured as {identity.national_id}"
    dataset.Occupation = "Watchmaker"
    dataset.AdditionalPatientHistory = f"Seen by {identity.referring_physician.split('^')[0]}, fall from a ladder"
    other = Dataset()
    other.PatientID = identity.national_id
    other.IssuerOfPatientID = "AHV"
    other.TypeOfPatientID = "TEXT"
    dataset.OtherPatientIDsSequence = Sequence([other])


def add_study(dataset: Dataset, identity: Identity) -> None:
    """Add the General Study module, with the referring physician nested two deep."""
    dataset.StudyInstanceUID = identity.uid("study")
    dataset.StudyID = "1"
    dataset.StudyDate = da(identity.study_date)
    dataset.StudyTime = STUDY_TIME
    dataset.StudyDescription = "CT chest"
    dataset.AccessionNumber = identity.accession_number
    dataset.ReferringPhysicianName = identity.referring_physician
    dataset.ProcedureCodeSequence = Sequence([code("169069000", "SCT", "CT of chest")])
    physician = Dataset()
    physician.InstitutionName = identity.institution
    physician.PersonIdentificationCodeSequence = Sequence([code("4711", "99EXEMPLES", identity.referring_physician)])
    physician.PersonTelephoneNumbers = "+41 21 555 00 01"
    dataset.ReferringPhysicianIdentificationSequence = Sequence([physician])


def add_equipment(dataset: Dataset, identity: Identity) -> None:
    """Add the General Equipment module."""
    dataset.Manufacturer = "Philae Demo Works"
    dataset.ManufacturerModelName = "Imaginary 16"
    dataset.InstitutionName = identity.institution
    dataset.InstitutionAddress = "Avenue des Exemples 1, 1000 Lausanne"
    dataset.InstitutionalDepartmentName = "Radiology"
    dataset.StationName = "CT-SOUTH-2"
    dataset.DeviceSerialNumber = "SN-2048"
    dataset.SoftwareVersions = ["1.0", "demo"]


def add_request(dataset: Dataset, identity: Identity) -> None:
    """Add the request that led to the series: a sequence in a sequence (PS3.3 10.6)."""
    request = Dataset()
    request.AccessionNumber = identity.accession_number
    request.RequestedProcedureID = "RP-1"
    request.RequestedProcedureDescription = f"Chest, asked for by {identity.referring_physician.split('^')[0]}"
    request.ScheduledProcedureStepID = "SPS-1"
    request.ScheduledProtocolCodeSequence = Sequence([code("77477000", "SCT", "Computed tomography")])
    dataset.RequestAttributesSequence = Sequence([request])
