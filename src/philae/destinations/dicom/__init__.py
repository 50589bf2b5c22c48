"""Delivery by C-STORE: settings, sender and doctor."""

from philae.destinations.dicom.doctor import DicomDoctor
from philae.destinations.dicom.sender import DicomSender
from philae.destinations.dicom.settings import DicomSettings

__all__ = ["DicomDoctor", "DicomSender", "DicomSettings"]
