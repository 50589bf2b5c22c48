"""Pseudonyms that the sender wrote into an attribute."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field, model_validator

from philae.config.kinds import PseudonymSettings
from philae.deid.errors import MissingPseudonym
from philae.deid.profile import Project
from philae.dicom.scan import Encoded, elements, inflate
from philae.dicom.tags import parse_tag_pattern
from philae.dicom.values import ASCII, codecs_of, first_value

_CHARACTER_SET: Final = 0x00080005


def _exact_tag(text: str) -> str:
    pattern = parse_tag_pattern(text)
    if not pattern.is_exact:
        raise ValueError(f"{text!r} stands for several tags; name one, such as (0010,0020)")
    return text


class InTagSettings(PseudonymSettings):
    """``{kind: in_tag, tag: "(0010,0020)"}``, with ``delimiter`` and ``position`` to take a part of the value."""

    kind_name: ClassVar[str] = "in_tag"
    kind: Literal["in_tag"] = "in_tag"
    tag: Annotated[str, AfterValidator(_exact_tag)]
    delimiter: str = ""
    position: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _both_or_neither(self) -> "InTagSettings":
        if bool(self.delimiter) != (self.position is not None):
            raise ValueError("delimiter and position belong together: give both or neither")
        return self


class InTag:
    """Reads the pseudonym of a dataset's patient from one of its top-level attributes."""

    def __init__(self, settings: InTagSettings, _project: Project) -> None:
        self._tag = parse_tag_pattern(settings.tag).value
        self._name = settings.tag
        self._delimiter = settings.delimiter
        self._position = settings.position

    def pseudonym(self, encoded: Encoded) -> str:
        """The attribute's first value, or the chosen part of it. Raises `MissingPseudonym`."""
        value = _top_level_value(encoded, self._tag)
        if self._position is not None:
            parts = value.split(self._delimiter)
            value = parts[self._position] if self._position < len(parts) else ""
        if not value.strip():
            raise MissingPseudonym(f"attribute {self._name} holds no pseudonym; the sender must fill it")
        return value


def _top_level_value(encoded: Encoded, tag: int) -> str:
    """The first value of an attribute as text, empty when it is absent."""
    plain = inflate(encoded)
    codecs = ASCII
    for element in elements(plain, nested=False):
        if element.tag > tag:
            break
        if element.tag not in (_CHARACTER_SET, tag):
            continue
        raw = bytes(plain.source[element.value : element.end])
        if element.tag == tag:
            return first_value(raw, element.vr, codecs, big_endian=plain.syntax.big_endian)
        codecs = codecs_of(raw.decode("latin-1"))
    return ""
