"""AE titles of the gateway, who may send to them and where that goes."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from philae.config.destination import Destination
from philae.config.fields import AETitle, FilePath, Frozen

AnswerPolicy: TypeAlias = Literal["store-and-forward", "pass-through", "any"]


class SenderLimits(Frozen):
    """How much is taken in at most, from all intakes of a machine together."""

    associations: Annotated[int, Field(ge=1, le=256)] | None = None
    """At once; one more is rejected for a while."""
    instances_per_s: Annotated[float, Field(ge=0.1)] | None = None
    """Whoever is faster waits for our answers."""


class Source(Frozen):
    """A sender that a forward node takes from."""

    ae_title: AETitle
    description: str = ""
    hostname: str = ""
    check_hostname: bool = False
    limits: SenderLimits = SenderLimits()
    """Of this sender."""


class WatchedFolder(Frozen):
    """A folder of this machine whose files are taken in and then removed."""

    path: FilePath
    """A relative path starts at the folder of the configuration document."""
    settle_s: Annotated[float, Field(ge=0, le=3600)] = 5.0
    """A file that has not been written to for so long is whole."""


class ForwardNode(Frozen):
    """An AE title of the gateway, who may send to it and where its instances go."""

    ae_title: AETitle
    description: str = ""
    group: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)] = ""
    """Forward nodes of one group stand together in lists."""
    paused: bool = False
    """Nothing is sent on; what arrives is kept and waits."""
    answer: AnswerPolicy = "store-and-forward"
    """A sender hears Success once its instance is kept, or once every destination, or any one, has confirmed it."""
    answer_timeout_s: Annotated[float, Field(gt=0, le=3600)] = 60.0
    """A sender that is to hear of confirmations hears a failure after so long; the instance is delivered all the same."""
    sources: tuple[Source, ...] = ()
    limits: SenderLimits = SenderLimits()
    """Of all its senders together."""
    watch: tuple[WatchedFolder, ...] = ()
    """Folders whose files are taken in and then removed, each of one forward node only."""
    destinations: tuple[Destination, ...] = ()

    @property
    def awaits_destinations(self) -> bool:
        """Whether its senders hear of confirmations, and not of what is kept."""
        return self.answer != "store-and-forward"

    def sends_to(self, destination: Destination) -> bool:
        """Whether a destination of this node is enabled and nobody paused it, nor all of the node."""
        return destination.enabled and not (destination.paused or self.paused)
