"""Where pseudonyms come from; one file a kind."""

from typing import Final

from philae.config.model import PseudonymSettings
from philae.deid.profile import Project
from philae.pipeline.ports import PseudonymSource
from philae.pseudonyms.derived import Derived, DerivedSettings
from philae.pseudonyms.in_tag import InTag, InTagSettings

CATALOGUE: Final = ((DerivedSettings, Derived), (InTagSettings, InTag))
SETTINGS: Final[dict[str, type[PseudonymSettings]]] = {settings.kind_name: settings for settings, _ in CATALOGUE}


def pseudonym_source(settings: PseudonymSettings, project: Project) -> PseudonymSource:
    """The source that these settings describe."""
    return next(source(settings, project) for kind, source in CATALOGUE if isinstance(settings, kind))  # type: ignore[arg-type]
