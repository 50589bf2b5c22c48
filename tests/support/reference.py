"""What the engine promises, written as plainly as possible over pydicom: slow, recursive, element by element."""

import re
from dataclasses import dataclass, field
from typing import Any

from pydicom import DataElement, Dataset, Sequence
from pydicom.datadict import keyword_for_tag, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from philae.deid.dataset import decode
from philae.deid.dates import shift_as, shift_da, shift_tm
from philae.deid.datetimes import shift_dt
from philae.deid.errors import UnreadableDate
from philae.deid.keys import Keys
from philae.deid.profile import ElementSpec, Profile, Project
from philae.deid.shifts import DUMMY_RANGE
from philae.dicom.standard.confidentiality import basic_profile
from philae.dicom.standard.dictionary import vr_of
from philae.dicom.standard.iod import attribute_type, resolve
from philae.dicom.standard.uids import is_well_known
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from philae.dicom.values import first_value, padded
from tests.support.trees import header

TEXT = {"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"}
BINARY = {"AT", "FD", "FL", "OB", "OD", "OF", "OL", "OV", "OW", "SL", "SS", "SV", "UL", "US", "UV"}
NUMBERS = {"FD", "FL", "SL", "SS", "SV", "UL", "US", "UV"}
DATES = {"AS", "DA", "TM", "DT"}
CLASS_UIDS = {0x00080016, 0x0008001A, 0x0008001B, 0x00081150, 0x0008115A, 0x00041510, 0x0004151A}
CLASSES = CLASS_UIDS | {0x00041512, 0x00080062, 0x0008010C, 0x0008010D, 0x00080117, 0x00080118, 0x00083002, 0x04000010}
LOOKS_LIKE_UID = re.compile(r"2\.25\.[1-9][0-9]{9,38}|[0-2](?:\.(?:0|[1-9][0-9]*)){4,}")
DROPPED = (0x00120042, 0x00120063, 0x00120081, 0x00120082)
POINTERS = {0x00081160, 0x00081161, 0x00081162, 0x0040A0B0, 0x0040DB73}
KEEP = "keep"


@dataclass
class Reference:
    """Applies a profile of specific tags, private tags and the Basic Profile with the default behaviour."""

    profile: Profile
    project: Project
    patient_id: str = ""
    syntax: TransferSyntax = EXPLICIT_LE
    keys: Keys = field(init=False)

    def __post_init__(self) -> None:
        self.keys = Keys(self.project.secret)

    def walk(self, dataset: Dataset, path: tuple[int, ...] = (), inherited: Any = None, sop_class: str = "") -> None:
        sop_class = _own_sop_class(dataset) or sop_class
        creators: dict[int, Any] = {}
        midnights = self.midnights(dataset, path, inherited, sop_class) if self.project.pairs_times else {}
        for tag in [int(tag) for tag in sorted(dataset.keys())]:
            if tag & 0xFFFF == 0:
                del dataset[tag]
                continue
            vr = self.vr_of(dataset, tag)
            rule, action = self.decide(tag, vr, path, inherited, sop_class)
            if _is_creator(tag) and action not in (None, "K") and not _names_creator(self.profile.elements[rule], tag):
                creators[tag] = (rule, action, vr)
                continue
            self.perform(dataset, tag, vr, path, (rule, action), sop_class, midnights.get(tag, 0))
            if tag == 0x00080016:
                sop_class = _own_sop_class(dataset)
        for tag, (rule, action, vr) in creators.items():
            first = (tag & 0xFFFF0000) + ((tag & 0xFF) << 8)
            block = set(range(first, first + 0x100))
            if block.isdisjoint(map(int, dataset.keys())):
                self.perform(dataset, tag, vr, path, (rule, action), sop_class)

    def midnights(self, dataset: Dataset, path: tuple[int, ...], inherited: Any, sop_class: str) -> dict[int, int]:
        """By date: how many midnights its time crosses as it goes back, if it does."""
        found = {}
        for tag in map(int, sorted(dataset.keys())):
            time = tag_for_keyword(keyword_for_tag(tag).replace("Date", "Time")) or 0
            if time not in dataset or vr_of(time) != "TM" or _vr(dataset, tag) != "DA":
                continue
            seconds = DUMMY_RANGE.at(self.keys.fraction(self.patient_id)).seconds
            text = first_value(bytes(dataset.get_item(time).value or b""), "TM")
            if self.decide(time, "TM", path, inherited, sop_class)[1] in ("DDum", "content dummy"):
                try:
                    found[tag] = int(shift_tm(text, 0) < shift_tm(text, seconds))
                except UnreadableDate:
                    continue
        return found

    def vr_of(self, dataset: Dataset, tag: int) -> str:
        """The VR; an element of unknown VR that holds items becomes a sequence."""
        vr = _vr(dataset, tag)
        raw = dataset.get_item(tag).value
        if vr != "UN" or not isinstance(raw, bytes) or not raw.startswith(b"\xfe\xff\x00\xe0"):
            return vr
        as_sequence = decode(header(0x00081032, "SQ", len(raw), IMPLICIT_LE) + raw, IMPLICIT_LE)
        dataset[tag] = DataElement(tag, "SQ", as_sequence[0x00081032].value)
        return "SQ"

    def decide(self, tag: int, vr: str, path: tuple[int, ...], inherited: Any, sop_class: str) -> tuple[int, Any]:
        for rule, spec in enumerate(self.profile.elements):
            action, is_inherited = self.answer(spec, tag, vr, path, sop_class), False
            if action is None and inherited is not None and inherited[0] == rule:
                action = _inherited(inherited[1], tag, vr, path)
                is_inherited = action is not None
            if action is not None:
                return rule, self.despite_keep(rule, action, tag, vr, path, is_inherited=is_inherited)
        return -1, "U unless known" if vr == "UI" and self.has_basic and tag not in CLASSES else None

    @property
    def has_basic(self) -> bool:
        return any(spec.codename == "basic.dicom.profile" for spec in self.profile.elements)

    def despite_keep(
        self, rule: int, action: Any, tag: int, vr: str, path: tuple[int, ...], *, is_inherited: bool
    ) -> Any:
        """What is kept by the Basic Profile's sequences, or is private, has its UIDs replaced."""
        is_basic = self.profile.elements[rule].codename == "basic.dicom.profile"
        is_in_private = any(each >> 16 & 1 for each in (tag, *path))
        if action != "K" or not self.has_basic or tag in CLASSES:
            return action
        if not (is_in_private or (is_inherited and is_basic)):
            return action
        return "U unless known" if vr == "UI" or (vr == "UN" and tag >> 16 & 1) else action

    def answer(  # noqa: PLR0911 - one line for each rule
        self, spec: ElementSpec, tag: int, vr: str, path: tuple[int, ...], sop_class: str
    ) -> Any:
        if spec.codename == "basic.dicom.profile":
            row = basic_profile().row_of(tag)
            if row is None:
                return None
            action = resolve(row.basic, attribute_type(sop_class, (*path, tag)))
            if vr == "SQ" and action == "D":
                return "content", tag
            if vr == "SQ" and (action == "U" or (row.basic == "X/Z/U*" and action == "Z")):
                return "K"
            return {"D": "DDum", "U": "U unless known" if vr == "UI" else "U"}.get(action, action)
        listed = any(pattern.matches(tag) for pattern in spec.tags)
        if any(pattern.matches(tag) for pattern in spec.excluded_tags):
            return None
        if spec.codename == "action.on.privatetags":
            return spec.action if tag >> 16 & 1 and (listed or not spec.tags) else None
        return spec.action if listed else None

    def perform(
        self,
        dataset: Dataset,
        tag: int,
        vr: str,
        path: tuple[int, ...],
        answer: tuple[int, Any],
        sop_class: str,
        midnights: int = 0,
    ) -> None:
        rule, action = answer
        if action == "X":
            del dataset[tag]
        elif vr == "SQ":
            if action == "Z":
                dataset[tag] = DataElement(tag, "SQ", Sequence())
            else:
                for item in dataset[tag].value:
                    self.walk(item, (*path, tag), (rule, action) if action is not None else None, sop_class)
        elif action not in (None, "K"):
            raw = bytes(dataset.get_item(tag).value or b"")
            new_vr, value = self.value(action, vr, raw, midnights)
            if value is not KEEP:
                value = padded(value, new_vr)
                dataset[tag] = RawDataElement(
                    BaseTag(tag), new_vr, len(value), value, 0, self.syntax.implicit, not self.syntax.big_endian
                )

    def value(self, action: Any, vr: str, raw: bytes, midnights: int) -> tuple[str, Any]:
        texts = [part.strip(" \0") for part in raw.decode("latin-1").split("\\")]
        if action in ("Z", "D"):
            return vr, b""
        if action == "U":
            if vr not in TEXT | DATES | {"DS", "IS", "UI"}:
                texts = [first_value(raw, vr, big_endian=self.syntax.big_endian and vr != "UN")]
            if vr in ("LT", "ST", "UT", "UR"):
                texts = [raw.decode("latin-1").rstrip(" \0")]
            if not any(texts):
                return vr, KEEP
            return "UI", "\\".join(self.keys.uid(part) if part else "" for part in texts).encode()
        if action == "U unless known" or (action == "content dummy" and vr == "UI"):
            return vr, self.uids(vr, texts)
        if action == "content dummy" and (vr in NUMBERS or not raw):
            return vr, bytes(len(raw)) if raw else KEEP
        return vr, self.dummy(vr, texts[0], midnights)

    def uids(self, vr: str, texts: list[str]) -> Any:
        """New UIDs for those that the standard does not register; a UN value counts if it looks like one."""
        if vr == "UN" and not all(LOOKS_LIKE_UID.fullmatch(part) for part in texts):
            return KEEP
        new = [part if not part or is_well_known(part) else self.keys.uid(part) for part in texts]
        return "\\".join(new).encode() if new != texts else KEEP

    def dummy(self, vr: str, first: str, midnights: int) -> bytes:
        if vr in TEXT:
            return b"UNKNOWN"
        if vr in ("DS", "IS"):
            return b"0"
        if vr == "UI":
            return self.keys.uid(first).encode() if first else b""
        if vr not in DATES or not first:
            return b""
        shift = DUMMY_RANGE.at(self.keys.fraction(self.patient_id))
        try:
            moved = {
                "DA": lambda: shift_da(first, shift.days + midnights),
                "TM": lambda: shift_tm(first, shift.seconds),
                "AS": lambda: shift_as(first, shift.days),
                "DT": lambda: shift_dt(first, shift, keep_offset=not self.project.compat_karnak),
            }[vr]()
        except UnreadableDate:
            return b""
        return moved.encode()


def _inherited(action: Any, tag: int, vr: str, path: tuple[int, ...]) -> Any:
    if not isinstance(action, tuple) or vr == "SQ":
        return action
    if (
        tag in CLASS_UIDS
        or tag in POINTERS
        or vr in ("CS", "AT")
        or (0x00080100 <= tag <= 0x00080124 and path[-1] != action[1])
    ):
        return "K"
    return "content dummy"


def _vr(dataset: Dataset, tag: int) -> str:
    element = dataset.get_item(tag)
    if isinstance(element, DataElement):
        return str(element.VR)
    return str(element.VR or vr_of(tag) or "UN")


def _own_sop_class(dataset: Dataset) -> str:
    element = dataset.get_item(0x00080016) if 0x00080016 in dataset else None
    return "" if element is None else bytes(element.value or b"").decode("latin-1").split("\\")[0].strip(" \0")


def _is_creator(tag: int) -> bool:
    return bool(tag >> 16 & 1) and 0x10 <= tag & 0xFFFF <= 0xFF


def _names_creator(spec: ElementSpec, tag: int) -> bool:
    return any(pattern.mask & 0xFF00 == 0xFF00 and pattern.matches(tag) for pattern in spec.tags)
