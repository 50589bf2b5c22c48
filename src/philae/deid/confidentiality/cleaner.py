"""Takes the identifiers of one instance out of text, however they are spelled there."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from philae.deid.confidentiality.dates_in_text import dates_in
from philae.dicom.standard.uids import is_well_known
from philae.dicom.values import ASCII, Codecs, decode_text, stripped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from philae.deid.confidentiality.own_identifiers import OwnIdentifiers

_WORD: Final = re.compile(r"[^\W_]+")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_RUNS: Final = re.compile(r"[^\W\d_]+|\d+")
_UID: Final = re.compile(r"(?<![\w.])(?:2\.25\.\d{10,39}|[0-2](?:\.\d+){5,})(?![\w])")
_SPACES: Final = re.compile(r"[ \t]{2,}")
_GAP: Final = re.compile(r"[\W_]{1,3}")
_REST: Final = re.compile(r"[\W_]*\Z")
_IDEOGRAPHS: Final = "\u2e80"
_SHORTEST_ID: Final = 4
_LONGEST_UID: Final = 64
_SHORTEST_NAME: Final = 3
_ROUNDS: Final = 8
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae"})
_PARTICLES: Final = frozenset(
    "von van der den del della des dos das the and bin ibn zur zum unknown anonymous none null test".split()  # noqa: SIM905
)
"""Words that stand in names and say nothing alone."""


class Cleaner:
    """Knows the identifiers of one instance. Safe for many threads.

    Names go in any order, case and spelling of their accents; IDs with other separators between their parts and without
    leading zeros; dates in the spellings of `dates_in`, the birth date even if others are kept; UIDs that the standard does not
    register, unless kept.
    """

    __slots__ = ("_dates", "_ids", "_inside", "_keeps_uids", "_longest", "_own_words", "_words")

    def __init__(self, own: OwnIdentifiers, codecs: Codecs, *, keeps_dates: bool, keeps_uids: bool) -> None:
        spellings = {
            spelling for raw in own.names for words in _name_words(raw, codecs) for spelling in _spellings(words)
        }
        self._inside = tuple(sorted((word for word in spellings if _is_ideographic(word)), key=len, reverse=True))
        spoken = {word for word in spellings if not _is_ideographic(word)}
        self._words = frozenset(word for word in spoken if len(word) >= _SHORTEST_NAME and word not in _PARTICLES)
        self._own_words = frozenset(spoken)
        self._longest = max(map(len, spoken), default=0)
        self._ids = _id_pattern(own.ids, codecs)
        self._dates = frozenset(_days(own.birth_dates if keeps_dates else (*own.birth_dates, *own.dates)))
        self._keeps_uids = keeps_uids

    def clean(self, text: str) -> str:
        """The text without them, a space in their places; the text itself if none was found."""
        cleaned = text if text.isascii() else unicodedata.normalize("NFC", text)
        whole = cleaned
        for _ in range(_ROUNDS):
            spans = sorted(self._found(cleaned))
            if not spans:
                break
            cleaned = _SPACES.sub(" ", _without(cleaned, spans))
        return text if cleaned is whole else stripped(cleaned)

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        if self._ids is not None:
            yield from (match.span() for match in self._ids.finditer(text))
        if self._dates:
            yield from ((start, end) for start, end, readings in dates_in(text) if readings & self._dates)
        if not self._keeps_uids:
            yield from (match.span() for match in _UID.finditer(text) if _is_own_uid(match[0]))
        if self._own_words:
            yield from self._names_in(text)
        for name in self._inside:
            at = text.find(name)
            while at >= 0:
                yield at, at + len(name)
                at = text.find(name, at + len(name))

    def _names_in(self, text: str) -> Iterator[tuple[int, int]]:
        """Words of names that follow each other, if one of them tells enough or two short ones stand together."""
        run: list[re.Match[str]] = []
        for match in _WORD.finditer(text):
            if run and not _GAP.fullmatch(text, run[-1].end(), match.start()):
                yield from self._telling(run)
                run = []
            if self._is_of_name(match[0]) or (run and self._is_cut(match, text)):
                run.append(match)
                continue
            yield from self._telling(run)
            run = []
            yield from self._letters_in(match[0], match.start())
        yield from self._telling(run)

    def _telling(self, run: list[re.Match[str]]) -> Iterator[tuple[int, int]]:
        words = [word for match in run if (word := _folded(match[0])) not in _PARTICLES]
        is_short = [word in self._own_words and word not in self._words for word in words]
        if not all(is_short) or len(words) > 1:
            yield run[0].start(), run[-1].end()

    def _is_of_name(self, written: str) -> bool:
        """Whether the word is one of a name, or two of them run together as in DoeJohn."""
        if len(written) > 2 * self._longest:
            return False
        word, own = _folded(written), self._own_words
        return word in own or any(word[:at] in own and word[at:] in own for at in range(1, len(word)))

    def _is_cut(self, word: re.Match[str], text: str) -> bool:
        """Whether the last word of the text begins one of a name, as where a VR's length has cut it."""
        begin = _folded(word[0])
        return bool(_REST.match(text, word.end())) and any(name.startswith(begin) for name in self._own_words)

    def _letters_in(self, word: str, start: int) -> Iterator[tuple[int, int]]:
        """Names with digits right beside them."""
        if word.isalpha():
            return
        for match in _LETTERS.finditer(word):
            if _folded(match[0]) in self._words:
                yield start + match.start(), start + match.end()


def _is_own_uid(text: str) -> bool:
    return len(text) <= _LONGEST_UID and not is_well_known(text)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    parts: list[str] = []
    behind = 0
    for start, end in spans:
        if start > behind or not parts:
            parts.append(text[behind:start])
        behind = max(behind, end)
    parts.append(text[behind:])
    return " ".join(parts)


def _name_words(raw: bytes, codecs: Codecs) -> Iterator[str]:
    """The words of person names; prefixes and suffixes such as Dr are no names (PS3.5 6.2.1)."""
    for name in decode_text(raw, codecs).split("\\"):
        for group in name.split("="):
            components = group.split("^")[:3]
            for component in components:
                yield from (match[0] for match in _WORD.finditer(component))
            whole = "".join(stripped(component) for component in components[:2])
            if whole and _is_ideographic(whole):
                yield whole


def _spellings(word: str) -> Iterator[str]:
    if _is_ideographic(word):
        if len(word) > 1:
            yield word
        return
    yield _folded(word)
    yield _folded(word.casefold().translate(_UMLAUTS))


def _is_ideographic(word: str) -> bool:
    return any(character >= _IDEOGRAPHS and not "\uff00" <= character <= "\uffef" for character in word)


def _folded(word: str) -> str:
    """The word in lower case without accents."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(character for character in plain if not unicodedata.combining(character))


def _id_pattern(ids: Iterable[bytes], codecs: Codecs) -> re.Pattern[str] | None:
    texts = {stripped(text) for raw in ids for text in decode_text(raw, codecs).split("\\")}
    patterns = sorted({pattern for text in texts if (pattern := _spelled(text))}, key=len, reverse=True)
    return re.compile("|".join(patterns), re.IGNORECASE) if patterns else None


def _spelled(text: str) -> str:
    """An ID with any separators between its runs of letters and digits; empty if it is too short to tell apart."""
    runs = _RUNS.findall(text)
    length = sum(map(len, runs))
    is_mixed = any(run.isdigit() for run in runs) and any(not run.isdigit() for run in runs)
    if length < _SHORTEST_ID - is_mixed or text.casefold() in _PARTICLES:
        return ""
    parts = [
        _without_zeros(run) if at == 0 and length - run.count("0") else re.escape(run) for at, run in enumerate(runs)
    ]
    before = r"(?<!\d)" if runs[0].isdigit() else r"(?<![^\W\d_])"
    behind = r"(?!\d)" if runs[-1].isdigit() else r"(?![^\W\d_])"
    return before + r"[\W_]{0,2}".join(parts) + behind


def _without_zeros(run: str) -> str:
    short = run.lstrip("0")
    return f"0*{short}" if run.isdigit() and len(short) >= _SHORTEST_ID else re.escape(run)


def _days(values: Iterable[bytes]) -> Iterator[str]:
    for raw in values:
        for text in decode_text(raw, ASCII).split("\\"):
            digits = stripped(text).replace(".", "")[:8] if text[:10].count(".") == 2 else stripped(text)[:8]
            if len(digits) == 8 and digits.isdigit():
                yield digits
