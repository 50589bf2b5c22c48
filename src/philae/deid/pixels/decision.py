"""Whether the pixels of an instance must be cleaned (spec 13.1)."""

from __future__ import annotations

from typing import Final

_SOP_CLASSES: Final = (
    "1.2.840.10008.5.1.4.1.1.6.",  # ultrasound
    "1.2.840.10008.5.1.4.1.1.7.",  # secondary capture
    "1.2.840.10008.5.1.4.1.1.3.",  # multi-frame ultrasound
)
_VL_ENDOSCOPIC: Final = "1.2.840.10008.5.1.4.1.1.77.1.1"


def must_be_cleaned(sop_class_uid: str, *burned_in_annotation: str) -> bool:
    """Whether images of this SOP class carry text as a rule, or any of the values of Burned In Annotation is YES.

    Give the value that came and the one that the profile leaves (spec Q5).
    """
    is_automatic = f"{sop_class_uid}.".startswith(_SOP_CLASSES) or sop_class_uid == _VL_ENDOSCOPIC
    return is_automatic or any(value.strip(" \0").upper() == "YES" for value in burned_in_annotation)
