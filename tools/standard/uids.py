"""Storage SOP classes of PS3.4 with their names."""

from __future__ import annotations

from collections.abc import Iterable

from pydicom._uid_dict import UID_dictionary

from tools.standard.layout import JsonValue
from tools.standard.sources import SourceFault

# PS3.6 table A-1, newer than pydicom's edition.
_NEWER_NAMES = {
    "1.2.840.10008.5.1.4.1.1.66.7": "Label Map Segmentation Storage",
    "1.2.840.10008.5.1.4.1.1.66.8": "Height Map Segmentation Storage",
    "1.2.840.10008.5.1.4.1.1.9.100.1": "Waveform Presentation State Storage",
    "1.2.840.10008.5.1.4.1.1.9.100.2": "Waveform Acquisition Presentation State Storage",
}
# Classes with "Storage" in their name that no C-STORE carries.
_NOT_STORED = ("Storage Commitment", "Media Storage Directory")


def storage_sop_classes(with_iod: Iterable[str]) -> dict[str, JsonValue]:
    """Name by UID: every class that has an IOD, and retired or security classes that pydicom still names."""
    names = {uid: entry[0] for uid, entry in UID_dictionary.items() if entry[1] == "SOP Class"} | _NEWER_NAMES
    if unnamed := sorted(set(with_iod) - names.keys()):
        raise SourceFault(f"no source names the SOP classes {', '.join(unnamed)}: add them to _NEWER_NAMES")
    return {uid: name for uid, name in names.items() if "Storage" in name and not name.startswith(_NOT_STORED)}
