"""The profile that every gateway has; a document need not hold it, nor can it be deleted."""

from typing import Final

from philae.config.project import StoredProfile

BUILT_IN: Final = StoredProfile(
    name="Dicom Basic Profile",
    text="""\
name: Dicom Basic Profile
version: "1.0"
minimumKarnakVersion: 0.9.2
profileElements:
  - name: Basic DICOM confidentiality profile
    codename: basic.dicom.profile
""",
)
