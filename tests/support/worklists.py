"""DCMTK's worklist server with entries of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from tests.support.listening import await_listener, free_port

AE_TITLE = "RIS"
MODALITY_WORKLIST = "1.2.840.10008.5.1.4.31"


def entry(patient_name: str, patient_id: str, modality: str = "CT", date: str = "20260105", **more: str) -> Dataset:
    """A scheduled procedure step with all that DCMTK demands."""
    dataset, step = Dataset(), Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName, dataset.PatientID = patient_name, patient_id
    dataset.PatientBirthDate, dataset.PatientSex = "19700101", "F"
    dataset.AccessionNumber = more.get("accession_number", f"ACC-{patient_id}")
    dataset.AdmissionID = more.get("admission_id", f"ADM-{patient_id}")
    dataset.StudyInstanceUID = UID("1.2.3.4")
    dataset.RequestedProcedureID, dataset.RequestedProcedureDescription = "RP1", "Chest"
    dataset.ReferringPhysicianName, dataset.RequestingPhysician = "Referrer", "Requester"
    step.Modality, step.ScheduledStationAETitle = modality, more.get("station", "CT1")
    step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepStartTime = date, more.get("at", "0900")
    step.ScheduledPerformingPhysicianName = "Performer"
    step.ScheduledProcedureStepDescription, step.ScheduledProcedureStepID = "Thorax", "SPS1"
    dataset.ScheduledProcedureStepSequence = [step]
    return dataset


@contextmanager
def worklist_server(folder: Path, *entries: Dataset) -> Iterator[int]:
    """The port of a server that calls itself `AE_TITLE`."""
    own = folder / AE_TITLE
    own.mkdir(parents=True)
    (own / "lockfile").touch()
    for number, dataset in enumerate(entries):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = UID(MODALITY_WORKLIST), UID(f"1.2.3.{number}")
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.file_meta = meta
        dataset.save_as(own / f"{number}.wl", enforce_file_format=True)
    port = free_port()
    command = ["/usr/bin/wlmscpfs", "--keep-char-set", "--data-files-path", str(folder), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            await_listener(port, process)
            yield port
        finally:
            process.terminate()
