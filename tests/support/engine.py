"""Short ways to run the engine in tests."""

from datetime import UTC, datetime

from philae.deid.engine import CompiledProfile, compile_profile
from philae.deid.profile import ElementSpec, Profile, Project
from philae.dicom.splice import joined, splice
from philae.dicom.syntax import EXPLICIT_LE, TransferSyntax
from philae.dicom.tags import parse_tag_pattern
from tests.support.trees import Element, Tree, encoded, parse, text

NOW = datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=UTC)
SECRET = bytes.fromhex("0123456789abcdef0123456789abcdef")
CT = "1.2.840.10008.5.1.4.1.1.2"
BASIC = ElementSpec("basic", "basic.dicom.profile")


def on_tags(action: str, *tags: str, excluded: tuple[str, ...] = ()) -> ElementSpec:
    return _spec("action.on.specific.tags", action, tags, excluded)


def on_private(action: str, *tags: str, excluded: tuple[str, ...] = ()) -> ElementSpec:
    return _spec("action.on.privatetags", action, tags, excluded)


def _spec(codename: str, action: str, tags: tuple[str, ...], excluded: tuple[str, ...]) -> ElementSpec:
    return ElementSpec(
        name="element",
        codename=codename,
        action=action,
        tags=tuple(map(parse_tag_pattern, tags)),
        excluded_tags=tuple(map(parse_tag_pattern, excluded)),
    )


def engine(*elements: ElementSpec, compat_karnak: bool = False, project: str = "PROJECT") -> CompiledProfile:
    return compile_profile(Profile("Profile", elements=elements), Project(project, SECRET, compat_karnak=compat_karnak))


def instance(*elements: Element, sop_class: str = CT) -> Tree:
    """A dataset with what planning asks for, and ``elements``."""
    needed = {
        0x00080016: text(0x00080016, "UI", sop_class),
        0x00080018: text(0x00080018, "UI", "1.2.3.4.5.6.7"),
        0x00100020: text(0x00100020, "LO", "PATIENT-1"),
    }
    found = needed | {element.tag: element for element in elements}
    return [found[tag] for tag in sorted(found)]


def deidentified(
    compiled: CompiledProfile, tree: Tree, syntax: TransferSyntax = EXPLICIT_LE, *, undefined: bool = False
) -> dict[int, Element]:
    """The output's top level by tag."""
    source = encoded(tree, syntax, undefined=undefined)
    _, segments = compiled.apply(source, pseudonym="PSEUDO-1", now=NOW)
    return {element.tag: element for element in parse(joined(source.source, segments), syntax)}


def morphed(compiled: CompiledProfile, tree: Tree, syntax: TransferSyntax = EXPLICIT_LE) -> Tree:
    source = encoded(tree, syntax)
    return parse(joined(source.source, splice(source, compiled.morph(source).edits)), syntax)
