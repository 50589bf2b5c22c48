"""A DICOM gateway that de-identifies on the way."""
