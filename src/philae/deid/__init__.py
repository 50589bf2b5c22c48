"""The de-identification engine: a pure library that turns a profile and an instance into a list of edits.

What programs need is here by name, and loaded when it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from philae.deid.dataset import deidentify, explain
    from philae.deid.engine import CompiledProfile, compile_profile
    from philae.deid.errors import DeidError, ProfileFaults
    from philae.deid.files.deidentify import Outcome, Result
    from philae.deid.files.library import deidentify_file, deidentify_folder
    from philae.deid.keys import parse_secret
    from philae.deid.profile import Profile, Project
    from philae.deid.profile_file import dump_profile, load_profile
    from philae.deid.report import Row
    from philae.deid.tripwire import IdentifierLeft, Leak

__all__ = [
    "CompiledProfile",
    "DeidError",
    "IdentifierLeft",
    "Leak",
    "Outcome",
    "Profile",
    "ProfileFaults",
    "Project",
    "Result",
    "Row",
    "compile_profile",
    "deidentify",
    "deidentify_file",
    "deidentify_folder",
    "dump_profile",
    "explain",
    "load_profile",
    "parse_secret",
]

_HOMES: Final = {
    "dataset": ("deidentify", "explain"),
    "engine": ("CompiledProfile", "compile_profile"),
    "errors": ("DeidError", "ProfileFaults"),
    "files.deidentify": ("Outcome", "Result"),
    "files.library": ("deidentify_file", "deidentify_folder"),
    "keys": ("parse_secret",),
    "profile": ("Profile", "Project"),
    "profile_file": ("dump_profile", "load_profile"),
    "report": ("Row",),
    "tripwire": ("IdentifierLeft", "Leak"),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return __all__
