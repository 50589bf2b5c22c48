"""Delivery into a folder, as Part 10 files that appear whole or not at all."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from philae.destinations.folder.batch import Batch, too_long
from philae.pipeline.layout import file_name
from philae.pipeline.outcome import TryAgain
from philae.pipeline.ports import SpoolFileMissing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from philae.config.forward_node import ForwardNode
    from philae.destinations.folder.settings import FolderSettings
    from philae.pipeline.model import Outgoing, Receipt
    from philae.pipeline.outcome import Refused


class FolderSender:
    """Writes instances under temporary names, syncs some at once, and only then links each to its own name."""

    def __init__(self, settings: FolderSettings, _node: ForwardNode) -> None:
        self._root = settings.path
        self._layout = settings.layout

    def deliver(
        self, _wanted: Collection[tuple[str, str]], outgoings: Iterator[Outgoing]
    ) -> Iterator[tuple[Outgoing, Receipt | TryAgain | Refused]]:
        """Write each instance; a file that is there already is compared, never overwritten.

        When one cannot be written those before it are answered for first.
        """
        batch = Batch(self._root)
        try:
            for outgoing in outgoings:
                if batch.is_full_for(outgoing):
                    yield from self._answers(batch)
                try:
                    refused = self._added(batch, outgoing)
                except (TryAgain, SpoolFileMissing):
                    yield from self._answers(batch)
                    raise
                if refused is not None:
                    yield from self._answers(batch)
                    yield outgoing, refused
            yield from self._answers(batch)
        finally:
            batch.discard()

    def close(self) -> None:
        """Nothing is kept open."""

    def _added(self, batch: Batch, outgoing: Outgoing) -> Refused | None:
        """Whatever the disk says, except of a name, it would say of every instance."""
        with _told_of(self._root):
            try:
                batch.add(outgoing, file_name(self._layout, outgoing))
            except OSError as error:
                if error.errno != errno.ENAMETOOLONG:
                    raise
                return too_long(self._root)
        return None

    def _answers(self, batch: Batch) -> Iterator[tuple[Outgoing, Receipt | Refused]]:
        with _told_of(self._root):
            yield from batch.answers()


@contextmanager
def _told_of(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TryAgain(f"cannot write below {root}: {error.strerror}") from error
