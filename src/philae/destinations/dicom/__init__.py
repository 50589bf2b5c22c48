"""Delivery by C-STORE: settings, sender, storage commitment and doctor."""

from philae.destinations.dicom.committing import Committing
from philae.destinations.dicom.doctor import DicomDoctor
from philae.destinations.dicom.sender import DicomSender
from philae.destinations.dicom.settings import DicomSettings

__all__ = ["Committing", "DicomDoctor", "DicomSender", "DicomSettings"]
