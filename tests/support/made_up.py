"""Datasets from a seed, much faster than drawn ones: identifying, harmless, private and nested attributes."""

from dataclasses import dataclass, field
from random import Random

from philae.deid.confidentiality.cleaning import CLASS_UIDS
from philae.dicom.standard.confidentiality import Option, basic_profile
from philae.dicom.standard.dictionary import vr_of
from philae.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from tests.support.strategies import LEAVES, SEQUENCES, SOP_CLASSES
from tests.support.trees import Element, Tree, encoded, items_of, text

NAMES = ("Muster", "Gonzalez", "Yilmaz", "Okafor", "Lindqvist")
GIVEN = ("Maximilian", "Fatima", "Ngozi", "Torbjorn")
UID_ROOT = "1.2.276.0.7230010.3."
DATES = (Option.RETAIN_LONGITUDINAL_FULL_DATES, Option.RETAIN_LONGITUDINAL_MODIFIED_DATES)
DEVICE_UIDS = {0x00181002, 0x0018100B}  # kept with the device
ROWS = sorted(
    tag
    for tag in basic_profile().exact
    if tag >> 16 > 2 and tag not in DEVICE_UIDS and vr_of(tag) not in (None, "SQ", "UN")
)
CODES = {0x00080100, 0x00080102, 0x00080103}
WORDS = {"LO", "LT", "SH", "ST", "UC", "UT"}


@dataclass
class Patient:
    family: str
    given: str
    patient_id: str
    accession: str

    def mentioned(self, random: Random) -> str:
        return random.choice(
            (
                f"{self.family.upper()} {self.given}",
                f"{self.given}_{self.family}",
                f"{self.family}, {self.given}",
                f"id {self.patient_id}",
                f"acc. {self.accession.lower()}",
            )
        )


@dataclass
class MadeUp:
    """One dataset of a study; ``markers`` are the values that only their own element has, by the path to it."""

    seed: int
    markers: dict[tuple[int, ...], list[bytes]] = field(default_factory=dict)
    uids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        random = self.random = Random(self.seed)
        number = random.randrange(10**6, 10**7)
        self.patient = Patient(random.choice(NAMES), random.choice(GIVEN), f"HOSP-{number}", f"ACC{number}X")
        chosen = set(random.sample(list(Option), random.choice((0, 0, 1, 1, 2, 3, 9))))
        self.options = frozenset(chosen - {random.choice(DATES)} if chosen.issuperset(DATES) else chosen)
        self.syntax: TransferSyntax = random.choice((EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE))
        self.undefined = random.random() < 0.5
        self.study = self.uid()
        self.tree = self._root()
        self.encoded = encoded(self.tree, self.syntax, undefined=self.undefined)

    def uid(self) -> str:
        uid = f"{UID_ROOT}{self.random.randrange(10**9, 10**10)}"
        self.uids.add(uid)
        return uid

    def _root(self) -> Tree:
        patient = self.patient
        fixed = (
            text(0x00080016, "UI", self.random.choice(SOP_CLASSES)),
            text(0x00080018, "UI", self.uid()),
            text(0x00080050, "SH", patient.accession),
            text(0x00100010, "PN", f"{patient.family}^{patient.given}"),
            text(0x00100020, "LO", patient.patient_id),
            text(0x0020000D, "UI", self.study),
        )
        elements = {element.tag: element for element in self._elements((), 3)}
        return [each for _, each in sorted((elements | {element.tag: element for element in fixed}).items())]

    def _elements(self, path: tuple[int, ...], depth: int) -> Tree:
        random = self.random
        tags = dict.fromkeys(random.sample(ROWS, 8))
        tags |= dict.fromkeys(random.sample(sorted(set(LEAVES) - set(ROWS)), 3))
        found = {tag: self._leaf((*path, tag)) for tag in tags}
        found |= {element.tag: element for element in self._private()}
        if depth:
            for tag in random.sample(SEQUENCES, random.choice((0, 1, 1, 2))):
                found[tag] = self._sequence((*path, tag), depth)
        return [found[tag] for tag in sorted(found)]

    def _sequence(self, path: tuple[int, ...], depth: int) -> Element:
        items = [self._elements(path, depth - 1) for _ in range(self.random.choice((0, 1, 1, 2)))]
        if self.random.random() < 0.2 and not self.syntax.big_endian:
            inside = encoded([Element(path[-1], "SQ", items)], IMPLICIT_LE).source
            return Element(path[-1], "UN", bytes(inside)[8:])
        return Element(path[-1], "SQ", items)

    def _leaf(self, path: tuple[int, ...]) -> Element:
        tag = path[-1]
        vr = LEAVES.get(tag) or vr_of(tag) or "LO"
        if tag in CODES:
            return text(tag, vr, f"C{self.random.randrange(1000)}")
        if vr in WORDS:
            return self._words(path, vr)
        if vr == "UI":
            return text(tag, vr, self._some_uid(tag))
        value = self._value(vr)
        return Element(tag, vr, self.random.randbytes(8)) if value is None else text(tag, vr, value)

    def _words(self, path: tuple[int, ...], vr: str) -> Element:
        """A marker, a mention of the patient, or both."""
        mark, mention = f"{self.random.randrange(10**9, 10**10)}", self.patient.mentioned(self.random)
        if vr == "SH" and self.random.random() < 0.5:
            return text(path[-1], vr, mention[:16])
        self.markers.setdefault(path, []).append(mark.encode())
        is_alone = vr == "SH" or self.random.random() < 0.3
        return text(path[-1], vr, f"M{mark}" if is_alone else f"M{mark} {mention}")

    def _some_uid(self, tag: int) -> str:
        if tag in CLASS_UIDS:
            return self.random.choice(SOP_CLASSES)
        well_known = self.uid() if tag in ROWS else "1.2.840.10008.1.2.1"
        return self.random.choice((self.study, self.uid(), well_known))

    def _value(self, vr: str) -> str | None:
        random = self.random
        day = f"20{random.randrange(10, 25)}0{random.randrange(1, 9)}1{random.randrange(9)}"
        time = f"1{random.randrange(9)}2233"
        return {
            "AE": f"C{time}",
            "AS": "045Y",
            "CS": f"C{time}",
            "DA": day,
            "DS": time,
            "DT": f"{day}{time}",
            "IS": time,
            "PN": f"{random.choice(NAMES)}^{random.randrange(10**9, 10**10)}",
            "TM": time,
        }.get(vr)

    def _private(self) -> Tree:
        if self.random.random() < 0.5:
            return []
        block = [text(0x00190010, "LO", self.random.choice(("SIEMENS MR HEADER", "ACME")))]
        return [*block, text(0x0019100C, "IS", "5"), text(0x001910F0, "LO", self.patient.mentioned(self.random))]


def walk(tree: Tree, path: tuple[int, ...] = ()) -> "list[tuple[tuple[int, ...], Element]]":
    """Every element with the path to it."""
    found = []
    for element in tree:
        here = (*path, element.tag)
        found.append((here, element))
        if isinstance(element.value, list):
            found += [each for item in items_of(element) for each in walk(item, here)]
    return found
