from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from philae.deid.engine import CompiledProfile
from philae.deid.report import Row, rows
from philae.deid.report_page import page
from tests.support.engine import BASIC, NOW, engine, instance, on_tags
from tests.support.trees import Element, Tree, encoded, text


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[Any] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]


def explained(compiled: CompiledProfile, tree: Tree, *, kept: bool = False) -> dict[str, Row]:
    source = encoded(tree)
    plan = compiled.plan(source, pseudonym="PSEUDO-1", now=NOW)
    return {row.path: row for row in rows(plan, source, compiled, kept=kept)}


def test_a_change_is_explained_by_its_row_and_type() -> None:
    tree = instance(text(0x00080080, "LO", "Clinic"), text(0x00200010, "SH", "4711"))

    told = explained(engine(BASIC), tree)

    assert told["(0008,0080)"].reason == "PS3.15 E.1-1: X/Z/D; type 3"
    assert (told["(0020,0010)"].reason, told["(0020,0010)"].change) == ("PS3.15 E.1-1: Z; type 2", "emptied")
    assert told["(0012,0062)"].change == "added"


def test_a_users_rule_explains_itself() -> None:
    told = explained(engine(on_tags("X", "(0008,0080)"), BASIC), instance(text(0x00080080, "LO", "Clinic")))

    assert (told["(0008,0080)"].rule, told["(0008,0080)"].reason) == ("element", "X on (0008,0080)")


def test_with_what_is_kept_every_attribute_has_one_row() -> None:
    inside: Tree = [text(0x00081150, "UI", "1.2.840.10008.5.1.4.1.1.2"), text(0x00081155, "UI", "1.2.3")]
    gone: Tree = [text(0x00100020, "LO", "OTHER")]
    tree = instance(
        text(0x00080060, "CS", "CT"), Element(0x00081115, "SQ", [inside]), Element(0x00101002, "SQ", [gone])
    )

    told = explained(engine(on_tags("K", "(0008,1115)"), BASIC), tree, kept=True)

    assert told["(0008,0060)"].change == "kept"
    assert told["(0008,1115)"].change == "kept"
    assert told["(0008,1115)[1].(0008,1150)"].reason == "as the sequence around it"
    assert told["(0008,1115)[1].(0008,1155)"].change == "kept"
    assert told["(0010,1002)[1].(0010,0020)"].reason == "goes with the sequence around it"


def test_a_page_shows_hostile_values_as_text_and_asks_for_nothing() -> None:
    tree = instance(text(0x00080080, "LO", '<script src="//x">&\x1b.'), text(0x00080060, "CS", "<b>"))
    told = explained(engine(BASIC), tree, kept=True)

    written = page(list(told.values()), "<i>title")

    reader = Reader()
    reader.feed(written)
    assert not {"script", "b", "img", "link"} & reader.tags
    assert reader.links == []
    assert "\x1b" not in written
    assert "&lt;script src=&quot;//x&quot;&gt;&amp;\\x1b." in written
