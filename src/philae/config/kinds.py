"""Settings that each kind of destination and of pseudonym source has its own of."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import BeforeValidator, SerializeAsAny, ValidationInfo

from philae.config.album import KheopsAlbum
from philae.config.fields import Frozen
from philae.config.web_services import WebServiceSettings


class Titles(NamedTuple):
    """The AE titles of an association with a receiver."""

    ours: str
    theirs: str


class DestinationSettings(Frozen):
    """What every kind of destination has; one subclass a kind, in the room ``destinations``."""

    kind_name: ClassVar[str]
    kind: str

    @property
    def lanes(self) -> int:
        """How many deliveries may be under way at once."""
        return 1

    @property
    def shares_with(self) -> tuple[KheopsAlbum, ...]:
        """The albums that series are brought into once they have arrived."""
        return ()

    def committing_as(self, _forward_node: str) -> Titles | None:
        """Under which titles the receiver is asked for storage commitment, and answers; None if it is not asked."""
        return None

    def with_authentications(self, _services: WebServiceSettings) -> Self:
        """The same with what it refers to by the name of an authentication."""
        return self


class PseudonymSettings(Frozen):
    """What every source of pseudonyms has; one subclass a kind, in the room ``pseudonyms``."""

    kind_name: ClassVar[str]
    kind: str


def _of_kind(kinds_key: str) -> BeforeValidator:
    def choose(value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, Frozen):
            return value
        kinds: Mapping[str, type[Frozen]] = (info.context or {}).get(kinds_key, {})
        kind = value.get("kind") if isinstance(value, Mapping) else None
        if not isinstance(kind, str) or kind not in kinds:
            raise ValueError(f"unknown kind {kind!r}; known are: {', '.join(sorted(kinds)) or 'none'}")
        return kinds[kind].model_validate(value, context=info.context)

    return BeforeValidator(choose)


OfKind = Annotated[SerializeAsAny[DestinationSettings], _of_kind("destination_kinds")]
PseudonymOfKind = Annotated[SerializeAsAny[PseudonymSettings], _of_kind("pseudonym_kinds")]
