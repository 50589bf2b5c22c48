"""Where instances go; one file a kind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from philae.config.model import DestinationSettings, ForwardNode
from philae.destinations import dicom, folder
from philae.pipeline.ports import Sender


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of destination: its settings, and how a sender is made for a forward node."""

    settings: type[DestinationSettings]
    sender: Callable[[Any, ForwardNode], Sender]


CATALOGUE: Final = (
    Kind(dicom.DicomSettings, dicom.DicomSender),
    Kind(folder.FolderSettings, folder.FolderSender),
)
SETTINGS: Final[dict[str, type[DestinationSettings]]] = {kind.settings.kind_name: kind.settings for kind in CATALOGUE}


def sender_for(settings: DestinationSettings, node: ForwardNode) -> Sender:
    """A new sender for these settings; one lane uses it."""
    return next(kind.sender(settings, node) for kind in CATALOGUE if isinstance(settings, kind.settings))
