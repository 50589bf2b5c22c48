"""All generated tables, as file name and text."""

from __future__ import annotations

import pydicom

from tools.standard import attributes, confidentiality, iods, uids
from tools.standard.layout import as_text
from tools.standard.sources import (
    CONFIDENTIALITY,
    IOD_MODULES,
    MODULE_ATTRIBUTES,
    PRIVATE_TAGS,
    PYDICOM_EDITION,
    PYDICOM_VERSION,
    SOP_CLASSES,
    STANDARD_TAGS,
    SourceFault,
    Wheels,
)


def tables(wheels: Wheels) -> dict[str, str]:
    """The text of every table by file name. Raises SourceFault on an unexpected source."""
    if pydicom.__version__ != PYDICOM_VERSION:
        raise SourceFault(f"the tables are made with pydicom {PYDICOM_VERSION}, this is {pydicom.__version__}")
    return _confidentiality(wheels) | _attributes(wheels) | _iods(wheels)


def _confidentiality(wheels: Wheels) -> dict[str, str]:
    edition = CONFIDENTIALITY.edition
    annex_e = wheels.json(CONFIDENTIALITY)
    safe = confidentiality.safe_private(wheels.csv(PRIVATE_TAGS))
    return {
        f"confidentiality-{edition}.json": as_text(
            CONFIDENTIALITY.header("PS3.15 Table E.1-1"), {"rows": confidentiality.rows(annex_e["rules"])}
        ),
        f"content-items-{edition}.json": as_text(
            CONFIDENTIALITY.header("PS3.15 Table E.3.4-1"),
            {"items": confidentiality.content_items(annex_e["content_items"])},
        ),
        "safe-private.json": as_text(PRIVATE_TAGS.header("PS3.15 Table E.3.10-1"), {"rows": safe}),
    }


def _attributes(wheels: Wheels) -> dict[str, str]:
    header = CONFIDENTIALITY.header("PS3.6 Table 6-1, attributes of PS3.15 Table E.1-1 newer than pydicom's")
    vrs = {"vr_source": f"{STANDARD_TAGS.wheel}: {STANDARD_TAGS.member}", "dictionary": f"pydicom {PYDICOM_VERSION}"}
    rows = attributes.additions(wheels.json(CONFIDENTIALITY)["rules"], wheels.csv(STANDARD_TAGS))
    return {"attributes.json": as_text(header | vrs, {"rows": rows})}


def _iods(wheels: Wheels) -> dict[str, str]:
    sop_classes = wheels.json(SOP_CLASSES)
    parts = iods.sections(sop_classes, wheels.json(IOD_MODULES), wheels.json(MODULE_ATTRIBUTES))
    members = "iod_module_map.json, module_attribute_map.json"
    iod_header = SOP_CLASSES.header("PS3.3 Annex A and C, PS3.4 Annex B")
    uid_header = SOP_CLASSES.header("PS3.4 Annex B, PS3.6 Table A-1")
    names = f"pydicom {PYDICOM_VERSION} ({PYDICOM_EDITION})"
    return {
        "iods.json": as_text(iod_header | {"source": f"{iod_header['source']}, {members}"}, parts),
        "uids.json": as_text(
            uid_header | {"names": names}, {"storage_sop_classes": uids.storage_sop_classes(sop_classes)}
        ),
    }
