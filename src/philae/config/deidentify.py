"""What a destination does to instances before it sends them."""

from typing import Literal, TypeAlias

from pydantic import Field

from philae.config.fields import Frozen, Name
from philae.config.kinds import PseudonymOfKind

TripwirePolicy: TypeAlias = Literal["hold", "warn", "off"]
"""What an original identifier in the output does: the instance is held, it goes with a warning, nobody looks."""


class Deidentify(Frozen):
    """De-identification at a destination: the project, and where pseudonyms come from."""

    project: Name
    pseudonym: PseudonymOfKind = Field(
        default_factory=lambda: {"kind": "derived"},
        validate_default=True,
    )
    tripwire: TripwirePolicy = "hold"
    """What happens to an instance whose output still holds one of its own identifiers."""


class Morph(Frozen):
    """Tag morphing at a destination: the project whose profile is applied, and nothing beyond the profile."""

    project: Name
