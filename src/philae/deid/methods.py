"""De-identification methods of PS3.16 CID 7050, as (0012,0064) names them."""

from typing import Final, NamedTuple

from philae.dicom.standard.confidentiality import Option


class MethodCode(NamedTuple):
    """A code of scheme DCM, written to (0012,0064)."""

    value: str
    meaning: str


BASIC_PROFILE: Final = MethodCode("113100", "Basic Application Confidentiality Profile")
CLEAN_PIXEL_DATA: Final = MethodCode("113101", "Clean Pixel Data Option")
CLEAN_RECOGNIZABLE_FEATURES: Final = MethodCode("113102", "Clean Recognizable Visual Features Option")
MODIFIED_DATES: Final = MethodCode("113107", "Retain Longitudinal Temporal Information Modified Dates Option")
OPTIONS: Final = {
    Option.CLEAN_GRAPHICS: MethodCode("113103", "Clean Graphics Option"),
    Option.CLEAN_STRUCTURED_CONTENT: MethodCode("113104", "Clean Structured Content Option"),
    Option.CLEAN_DESCRIPTORS: MethodCode("113105", "Clean Descriptors Option"),
    Option.RETAIN_LONGITUDINAL_FULL_DATES: MethodCode(
        "113106", "Retain Longitudinal Temporal Information Full Dates Option"
    ),
    Option.RETAIN_LONGITUDINAL_MODIFIED_DATES: MODIFIED_DATES,
    Option.RETAIN_PATIENT_CHARACTERISTICS: MethodCode("113108", "Retain Patient Characteristics Option"),
    Option.RETAIN_DEVICE_IDENTITY: MethodCode("113109", "Retain Device Identity Option"),
    Option.RETAIN_UIDS: MethodCode("113110", "Retain UIDs Option"),
    Option.RETAIN_SAFE_PRIVATE: MethodCode("113111", "Retain Safe Private Option"),
    Option.RETAIN_INSTITUTION_IDENTITY: MethodCode("113112", "Retain Institution Identity Option"),
}
"""The options of the Basic Profile in the order of their codes."""
