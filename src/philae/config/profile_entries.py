"""The profiles of a configuration document: files beside it, or text inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from philae.config.project import StoredProfile
from philae.config.yaml_lines import DocumentFault, path_text
from philae.deid.errors import ProfileFaults
from philae.deid.profile_file import load_profile

if TYPE_CHECKING:
    from pathlib import Path

    from philae.config.yaml_lines import Lines, Value, Where
    from philae.deid.profile import Profile

_FORM = "write {file: profiles/research.yml} or {text: ...} with the profile itself"


class Loaded(NamedTuple):
    """A profile that was read, and how it is stored."""

    profile: Profile
    stored: StoredProfile


def read_profiles(entries: Value | None, base: Path | None, lines: Lines) -> list[Loaded]:
    """Every profile without faults; notes the faults of the others, each with the line in its own file.

    Without ``base`` no file is read: a document that came over the network must hold its profiles.
    """
    if entries is None:
        return []
    if not isinstance(entries, list):
        lines.fault(("profiles",), f"not a list; {_FORM}, one a dash")
        return []
    loaded: list[Loaded] = []
    for index, entry in enumerate(entries):
        where: Where = ("profiles", index)
        found = _read(entry, where, base, lines)
        if found is None:
            continue
        if any(found.stored.name == other.stored.name for other in loaded):
            lines.fault(where, f"a second profile with the name {found.stored.name!r}")
        loaded.append(found)
    return loaded


def _read(entry: Value, where: Where, base: Path | None, lines: Lines) -> Loaded | None:
    if not isinstance(entry, dict) or len(entry) != 1 or not entry.keys() <= {"file", "text"}:
        lines.fault(where, f"not a profile; {_FORM}")
        return None
    ((form, value),) = entry.items()
    where = (*where, form)
    if not isinstance(value, str):
        lines.fault(where, f"a list or mapping where text is expected; {_FORM}")
        return None
    if form == "file" and base is None:
        lines.fault(where, "files cannot be named here; write {text: ...} with the profile itself")
        return None
    text = _text_of_file(base / value, where, lines) if form == "file" and base else value
    if text is None:
        return None
    try:
        profile = load_profile(text)
    except ProfileFaults as error:
        place = f"{path_text(where)} ({value})" if form == "file" else path_text(where)
        lines.faults += [
            _fault(place, fault.path, fault.line, f"{fault.message}; {fault.remedy}") for fault in error.faults
        ]
        return None
    return Loaded(profile, StoredProfile(name=profile.name, text=text))


def _text_of_file(path: Path, where: Where, lines: Lines) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        lines.fault(where, f"cannot read {path}: {error.strerror}")
    except UnicodeDecodeError:
        lines.fault(where, f"{path} is not UTF-8 text")
    return None


def _fault(place: str, path: str, line: int, message: str) -> DocumentFault:
    return DocumentFault(f"{place} {path}", line, message)
