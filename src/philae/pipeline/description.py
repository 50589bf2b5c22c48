"""What a study says of itself as it leaves, read once per study for those who are notified of it."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Final

from philae.dicom.headers import MalformedDataset
from philae.dicom.layout import layout_of
from philae.dicom.pick import Picker
from philae.dicom.syntax import EXPLICIT_LE, transfer_syntax
from philae.dicom.values import codecs_of, first_text
from philae.pipeline.model import Outgoing, StudyWords

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from philae.pipeline.model import Delivery, Excluded
    from philae.pipeline.path import Transforming
    from philae.pipeline.ports import SpoolFile

_CHARACTER_SET, _DATE, _DESCRIPTION = 0x00080005, 0x00080020, 0x00081030
_PICKER: Final = Picker((_CHARACTER_SET, _DATE, _DESCRIPTION))
_HEAD_BYTES: Final = 4096
"""What is read of a dataset; a description that stands behind it is not found."""
_REMEMBERED: Final = 1000
_RAW_DEFLATE: Final = -15


class Describing:
    """A transform that also tells of each study that leaves for one of the destinations ``wanted``."""

    def __init__(self, transform: Transforming, wanted: Callable[[], Collection[int]]) -> None:
        self._transform = transform
        self._wanted = wanted
        self._known: OrderedDict[tuple[int, str], StudyWords] = OrderedDict()
        self._lock = Lock()

    def __call__(self, delivery: Delivery, file: SpoolFile) -> Outgoing | Excluded:
        """What ``transform`` says. Raises what it raises."""
        result = self._transform(delivery, file)
        if isinstance(result, Outgoing) and delivery.destination_id in self._wanted():
            return replace(result, study=self._words(result))
        return result

    def _words(self, outgoing: Outgoing) -> StudyWords:
        key = (outgoing.delivery.destination_id, outgoing.study_instance_uid)
        with self._lock:
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = words_of(outgoing.body.head(_HEAD_BYTES), outgoing.transfer_syntax_uid)
                if len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
            return known


def words_of(head: bytes, transfer_syntax_uid: str) -> StudyWords:
    """What the first bytes of a dataset say, as far as they can be read."""
    syntax = transfer_syntax(transfer_syntax_uid)
    found: dict[int, bytes] = {}
    try:
        if syntax.deflated:
            head, syntax = zlib.decompressobj(_RAW_DEFLATE).decompress(head, _HEAD_BYTES), EXPLICIT_LE
        _PICKER.pick(head, 0, len(head), layout_of(syntax), found)
    except (MalformedDataset, zlib.error):
        """It is cut off, or damaged: what has been found so far counts."""
    codecs = codecs_of(found.get(_CHARACTER_SET, b"").decode("latin-1"))
    return StudyWords(first_text(found.get(_DESCRIPTION, b""), codecs), first_text(found.get(_DATE, b""), codecs))
