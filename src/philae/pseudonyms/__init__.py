"""Where pseudonyms come from; one file a kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from philae.pseudonyms.api import Api, ApiSettings
from philae.pseudonyms.derived import Derived, DerivedSettings
from philae.pseudonyms.in_tag import InTag, InTagSettings
from philae.pseudonyms.table import Table, TableSettings

if TYPE_CHECKING:
    from philae.config.kinds import PseudonymSettings
    from philae.deid.profile import Project
    from philae.pipeline.ports import PseudonymSource, PseudonymTable, WebAnswer

CATALOGUE: Final = (DerivedSettings, InTagSettings, TableSettings, ApiSettings)
SETTINGS: Final[dict[str, type[PseudonymSettings]]] = {settings.kind_name: settings for settings in CATALOGUE}


@dataclass(frozen=True, slots=True)
class PseudonymSources:
    """Makes the source that settings describe, with what it looks into."""

    table: PseudonymTable
    answer: WebAnswer

    def __call__(self, settings: PseudonymSettings, project: Project) -> PseudonymSource:
        match settings:
            case DerivedSettings():
                return Derived(settings, project)
            case InTagSettings():
                return InTag(settings, project)
            case TableSettings():
                return Table(settings, project, self.table)
            case ApiSettings():
                return Api(settings, self.answer)
        raise TypeError(f"no source has settings of type {type(settings).__name__}")
