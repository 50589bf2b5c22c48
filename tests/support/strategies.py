"""Datasets that hypothesis makes up: identifying, harmless, private and nested attributes, each with its own marker."""

from hypothesis import strategies as st

from philae.deid.profile import ElementSpec
from philae.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE
from philae.dicom.tags import is_private, parse_tag_pattern
from tests.support.trees import Element, Tree, text

LEAVES = {
    0x00080012: "DA", 0x00080013: "TM", 0x00080020: "DA", 0x00080021: "DA", 0x0008002A: "DT", 0x00080050: "SH",
    0x00080060: "CS", 0x00080070: "LO", 0x00080080: "LO", 0x00080090: "PN", 0x00080100: "SH", 0x00080104: "LO",
    0x00081010: "SH", 0x00081030: "LO", 0x0008103E: "LO", 0x00081070: "PN", 0x00081150: "UI", 0x00081155: "UI",
    0x00100010: "PN", 0x00100021: "LO", 0x00100030: "DA", 0x00101010: "AS", 0x00102160: "SH", 0x00104000: "LT",
    0x00120063: "LO", 0x00180060: "DS", 0x00181000: "LO", 0x00181400: "LO", 0x00189516: "DT", 0x0020000D: "UI",
    0x0020000E: "UI", 0x00200052: "UI", 0x00280010: "US", 0x00280301: "CS", 0x0040A027: "LO", 0x0040A032: "DT",
    0x0040A040: "CS", 0x0040A160: "UT", 0x0040A30A: "DS", 0x50000030: "SH", 0x50023000: "OW", 0x60000022: "LO",
    0x60003000: "OW", 0x60024000: "LT", 0x00700022: "FL",
}  # fmt: skip
SEQUENCES = (
    0x00081032, 0x00081110, 0x00081140, 0x00101002, 0x00082112, 0x00340001, 0x00400275, 0x00401101, 0x0040A043,
    0x0040A073, 0x0040A730, 0x00700001, 0x00540016,
)  # fmt: skip
PRIVATE = (0x00090010, 0x00090011, 0x00091001, 0x00091002, 0x00091101, 0x00111001, 0x70530010, 0x70531000, 0x70531009)
SOP_CLASSES = ("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.88.22", "1.2.840.10008.5.1.4.1.1.2.1", "1.2.3.4")
ITEMS = (0x0040A073, 0x0040A730)

syntaxes = st.sampled_from([EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE])


@st.composite
def leaves(draw: st.DrawFn, tag: int, vr: str) -> Element:  # noqa: PLR0911 - one for each VR
    marker = draw(st.integers(10**9, 10**10 - 1))
    match vr:
        case "UI":
            return text(
                tag,
                vr,
                draw(st.sampled_from([f"1.2.{marker}", f"1.2.{marker}\\1.3.{marker}", "1.2.840.10008.1.1", ""])),
            )
        case "DA":
            return text(tag, vr, draw(st.sampled_from(["20200229", "2020", "19700101\\19710101", ""])))
        case "TM":
            return text(tag, vr, draw(st.sampled_from(["101112.5", "99", ""])))
        case "DT":
            return text(tag, vr, draw(st.sampled_from(["20200110101112.123456", "bad", ""])))
        case "AS":
            return text(tag, vr, draw(st.sampled_from(["045Y", "Y45", ""])))
        case "DS":
            return text(tag, vr, draw(st.sampled_from(["1.5", "1\\2", ""])))
        case "US":
            return Element(tag, vr, bytes(2))
        case "FL":
            return Element(tag, vr, bytes(range(8)))
        case "OW" | "OB" | "UN":
            return Element(tag, vr, f"{marker}".encode())
        case _:
            return text(tag, vr, draw(st.sampled_from([f"M{marker}", f"A{marker}\\B{marker}", ""])))


@st.composite
def trees(draw: st.DrawFn, depth: int = 3, *, is_root: bool = True) -> Tree:
    chosen = {tag: LEAVES[tag] for tag in draw(st.sets(st.sampled_from(sorted(LEAVES)), max_size=12))}
    for tag in draw(st.sets(st.sampled_from(PRIVATE), max_size=4)):
        chosen[tag] = "creator" if tag & 0xFFFF < 0x100 else "LO"
    if depth:
        chosen |= dict.fromkeys(draw(st.sets(st.sampled_from(SEQUENCES), max_size=3)), "SQ")
        if draw(st.booleans()):
            chosen[0x00091103] = "SQ"
    if is_root or draw(st.integers(0, 9)) == 0:
        chosen[0x00080016] = "class"
    tree = []
    for tag in sorted(chosen):
        match chosen[tag]:
            case "SQ":  # pydicom takes an empty private sequence in implicit VR for an empty UN
                tree.append(
                    Element(
                        tag, "SQ", draw(st.lists(trees(depth - 1, is_root=False), min_size=is_private(tag), max_size=2))
                    )
                )
            case "class":
                tree.append(text(tag, "UI", draw(st.sampled_from(SOP_CLASSES))))
            case "creator":
                tree.append(text(tag, "LO", f"ACME {tag & 0xFFFF}"))
            case vr:
                tree.append(draw(leaves(tag, vr)))
    return tree


def instances() -> st.SearchStrategy[Tree]:
    """Trees with what planning asks for."""
    return trees().map(
        lambda tree: sorted(
            [element for element in tree if element.tag not in (0x00080018, 0x00100020)]
            + [text(0x00080018, "UI", "1.2.3.4.5.6"), text(0x00100020, "LO", "PATIENT-1")]
        )
    )


TAGS = (
    "(0008,1140)",
    "(0040,A730)",
    "(xxxx,xxxx)",
    "(0008,00xx)",
    "(0010,1010)",
    "(0008,1155)",
    "(0009,xx01)",
    "(7053,0010)",
)

specs = st.builds(
    lambda codename, action, tags, excluded: ElementSpec(
        name="generated",
        codename=codename,
        action=action,
        tags=tuple(map(parse_tag_pattern, tags)),
        excluded_tags=tuple(map(parse_tag_pattern, excluded)),
    ),
    st.sampled_from(["action.on.specific.tags", "action.on.privatetags"]),
    st.sampled_from(["K", "X", "Z", "D", "DDum", "U"]),
    st.lists(st.sampled_from(TAGS), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from(["(0008,0016)", "(0008,0060)", "(7053,xx09)"]), max_size=2, unique=True),
)
BASIC = ElementSpec("basic", "basic.dicom.profile")
profiles = st.one_of(
    st.just((BASIC,)),
    st.lists(specs, max_size=2).map(lambda before: (*before, BASIC)),
    st.lists(specs, min_size=1, max_size=3).map(tuple),
)
