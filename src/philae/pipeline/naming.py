"""The identifiers under which a de-identified instance leaves, read from its plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from philae.dicom.headers import read_header
from philae.dicom.layout import layout_of
from philae.dicom.syntax import EXPLICIT_LE
from philae.dicom.values import first_text

if TYPE_CHECKING:
    from philae.deid.plan import Plan
    from philae.dicom.identify import Identifiers
    from philae.dicom.layout import Layout
    from philae.dicom.splice import Edit
    from philae.dicom.syntax import TransferSyntax

_NAMES: Final = {
    0x00080050: "accession_number",
    0x00100020: "patient_id",
    0x00100021: "issuer_of_patient_id",
    0x0020000E: "series_instance_uid",
}
_LAST: Final = max(_NAMES)


def names_of(plan: Plan, syntax: TransferSyntax, original: Identifiers) -> Identifiers:
    """What ``plan`` leaves of the ``original`` identifiers of an instance in ``syntax``."""
    layout = layout_of(EXPLICIT_LE if syntax.deflated else syntax)
    changed: dict[str, str] = {}
    for edit in plan.edits:
        tag, path = edit.cause.tag, edit.cause.path
        if path:
            continue
        if tag > _LAST:
            break
        if tag in _NAMES:
            changed[_NAMES[tag]] = _value(edit, layout) or changed.get(_NAMES[tag], "")
    return replace(
        original,
        sop_class_uid=plan.sop_class_uid,
        sop_instance_uid=plan.sop_instance_uid,
        study_instance_uid=plan.study_instance_uid,
        **changed,
    )


def _value(edit: Edit, layout: Layout) -> str:
    if not edit.data:
        return ""
    return first_text(edit.data[read_header(edit.data, 0, len(edit.data), layout)[2] :])
