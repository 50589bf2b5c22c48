"""What the DICOM standard (PS3) says, without input or output."""
