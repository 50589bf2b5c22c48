"""Which abstract syntaxes are storage (everything but the services PS3.4 names), and the others that we speak."""

from typing import Final

VERIFICATION: Final = "1.2.840.10008.1.1"
STORAGE_SERVICE_CLASS: Final = "1.2.840.10008.4.2"
STORAGE_COMMITMENT: Final = "1.2.840.10008.1.20.1"
"""The Storage Commitment Push Model (PS3.4 annex J)."""
STORAGE_COMMITMENT_INSTANCE: Final = "1.2.840.10008.1.20.1.1"
"""Its well-known SOP instance."""

_OTHER_SERVICES: Final = (
    "1.2.840.10008.1.3.10",  # Media Storage Directory: only on media
    "1.2.840.10008.1.9",
    "1.2.840.10008.1.20",  # Storage Commitment
    "1.2.840.10008.1.40",
    "1.2.840.10008.1.42",
    "1.2.840.10008.3.1",  # Modality Performed Procedure Step, detached management
    "1.2.840.10008.4",  # service classes
    "1.2.840.10008.5.1.1",  # Print, Media Creation, Display System
    "1.2.840.10008.5.1.4.1.2",  # Query/Retrieve
    "1.2.840.10008.5.1.4.20",
    "1.2.840.10008.5.1.4.31",  # Modality Worklist
    "1.2.840.10008.5.1.4.32",
    "1.2.840.10008.5.1.4.33",
    "1.2.840.10008.5.1.4.34",  # Unified Procedure Step, RT verification
    "1.2.840.10008.5.1.4.37",
    "1.2.840.10008.5.1.4.38",  # Hanging Protocol
    "1.2.840.10008.5.1.4.39",  # Color Palette
    "1.2.840.10008.5.1.4.41",
    "1.2.840.10008.5.1.4.42",
    "1.2.840.10008.5.1.4.43",  # implant templates
    "1.2.840.10008.5.1.4.44",
    "1.2.840.10008.5.1.4.45",
    "1.2.840.10008.5.1.4.1.1.200.4",  # Protocol Approval, find to get
    "1.2.840.10008.5.1.4.1.1.200.5",
    "1.2.840.10008.5.1.4.1.1.200.6",
    "1.2.840.10008.5.1.4.1.1.201.2",  # Inventory, find to repository query
    "1.2.840.10008.5.1.4.1.1.201.3",
    "1.2.840.10008.5.1.4.1.1.201.4",
    "1.2.840.10008.5.1.4.1.1.201.5",
    "1.2.840.10008.5.1.4.1.1.201.6",
    "1.2.840.10008.10",  # Real-Time Video
)
_STORAGE_AMONG_THEM: Final = frozenset(
    {
        "1.2.840.10008.5.1.1.27",  # Stored Print
        "1.2.840.10008.5.1.1.29",  # Hardcopy Grayscale Image
        "1.2.840.10008.5.1.1.30",  # Hardcopy Color Image
        "1.2.840.10008.5.1.4.34.1",  # RT Beams Delivery Instruction, trial
        "1.2.840.10008.5.1.4.34.7",
        "1.2.840.10008.5.1.4.34.10",
        "1.2.840.10008.5.1.4.38.1",
        "1.2.840.10008.5.1.4.39.1",
        "1.2.840.10008.5.1.4.43.1",
        "1.2.840.10008.5.1.4.44.1",
        "1.2.840.10008.5.1.4.45.1",
    }
)
_PREFIXES: Final = tuple(f"{uid}." for uid in _OTHER_SERVICES)
_UID_CHARACTERS: Final = frozenset("0123456789.")
_LONGEST_UID: Final = 64


def is_uid(text: str) -> bool:
    """Whether ``text`` can stand as a UID; components with leading zeros are tolerated."""
    return 0 < len(text) <= _LONGEST_UID and _UID_CHARACTERS.issuperset(text)


def is_storage(sop_class_uid: str) -> bool:
    """True for every storage SOP class, private and unknown ones included."""
    if sop_class_uid in _STORAGE_AMONG_THEM:
        return True
    if sop_class_uid == VERIFICATION or sop_class_uid in _OTHER_SERVICES or sop_class_uid.startswith(_PREFIXES):
        return False
    return is_uid(sop_class_uid)
