"""What a profile makes of one instance, for people to look at before anything leaves."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from philae.deid.engine import CompiledProfile, compile_profile
from philae.deid.errors import DeidError
from philae.deid.files.instance_file import instance_in
from philae.deid.files.pseudonym_choice import FromPatient, Given
from philae.deid.instance_attributes import InstanceAttributes
from philae.deid.pixels.errors import BadPixels
from philae.deid.pixels.module import Image, read_image
from philae.deid.pixels.picture import picture
from philae.deid.pixels.side_by_side import images, side_by_side
from philae.deid.profile import SECRET_LENGTH, Project
from philae.deid.report import Row, rows
from philae.deid.tripwire import Leak, Tripwire
from philae.dicom.headers import MalformedDataset
from philae.dicom.scan import inflate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime
    from typing import TypeAlias

    from philae.deid.plan import Plan
    from philae.deid.profile import Profile
    from philae.deid.requests import Reply, Request
    from philae.dicom.scan import Encoded

    Ask: TypeAlias = Callable[[Collection[Request]], Mapping[Request, Reply]]

MOST_ROWS: Final = 4000
"""More attributes than anybody reads; large multi-frame headers have them."""
LARGEST_PICTURE: Final = 1 << 28
"""Bytes of decoded pixels, or of an inflated dataset, that are still taken on for somebody who only looks."""

_DEVICE: Final = {"stationName": 0x00081010, "manufacturer": 0x00080070, "modelName": 0x00081090}


@dataclass(frozen=True, slots=True)
class Comparison:
    """An instance before and after. Holds patients' values: show it, never store it."""

    pseudonym: str
    """Empty where nobody gets one."""
    excluded: str | None
    """Why it goes nowhere; None if it does."""
    warnings: tuple[str, ...]
    leaks: tuple[Leak, ...]
    """Original identifiers that would leave."""
    rows: tuple[Row, ...]
    is_cut: bool
    """Whether there are more than `MOST_ROWS`."""
    picture: bytes | None
    """A PNG, what changed outlined; None if there is none, and ``no_picture`` says why."""
    no_picture: str
    frames: int


@dataclass(frozen=True, slots=True)
class Looking:
    """How an instance is looked at: without a ``pseudonym`` the one derived from the patient."""

    compiled: CompiledProfile
    pseudonym: str
    frame: int
    now: datetime
    ask: Ask
    morphs: bool = False
    """The profile alone is applied, as at a destination with tag morphing; nobody gets a pseudonym."""

    def at(self, content: bytes) -> Comparison:
        """Raises `NotDicom`, `DirectoryFile`, `DeidError`, `MalformedDataset`."""
        plain = opened(content)
        pseudonym = None if self.morphs else self._pseudonym(plain)
        replies = self.ask(self.compiled.requests(plain, pseudonym=pseudonym))
        plan = self._plan(plain, pseudonym, replies)
        if plan.excluded is not None:
            return Comparison(pseudonym or "", plan.excluded, plan.warnings, (), (), False, None, "", 0)
        found = tuple(islice(rows(plan, plain, self.compiled, kept=True), MOST_ROWS + 1))
        shown, no_picture, frames = self._picture(plain, pseudonym, replies)
        return Comparison(
            pseudonym=pseudonym or "",
            excluded=None,
            warnings=plan.warnings,
            leaks=Tripwire(self.compiled).leaks(plain, plan) if pseudonym else (),
            rows=found[:MOST_ROWS],
            is_cut=len(found) > MOST_ROWS,
            picture=shown,
            no_picture=no_picture,
            frames=frames,
        )

    def _plan(self, plain: Encoded, pseudonym: str | None, replies: Mapping[Request, Reply]) -> Plan:
        if pseudonym is None:
            return self.compiled.morph(plain, replies=replies)
        return self.compiled.plan(plain, pseudonym=pseudonym, now=self.now, replies=replies)

    def _pseudonym(self, plain: Encoded) -> str:
        choice = Given(self.pseudonym) if self.pseudonym else FromPatient(self.compiled.keys)
        return choice.pseudonym(plain)

    def _picture(
        self, plain: Encoded, pseudonym: str | None, replies: Mapping[Request, Reply]
    ) -> tuple[bytes | None, str, int]:
        """The pixels may be a fault of their own: the header is shown all the same."""
        if pseudonym is None:
            return None, "tag morphing leaves the pixels as they are", 0
        try:
            before = _small(read_image(plain))
            if before is None:
                return None, "the instance has no pixels", 0
            output = self.compiled.output(plain, pseudonym=pseudonym, now=self.now, replies=replies)
            _, after = images(plain, output)
            if after is None:
                return None, "the profile takes the pixels away", before.module.frames
            return side_by_side(before, after, self.frame), "", before.module.frames
        except (DeidError, MalformedDataset) as error:
            return None, str(error), 0


@dataclass(frozen=True, slots=True)
class Sample:
    """An image to draw masks on, and what it says of the equipment that masks are chosen by."""

    picture: bytes
    """A PNG of its first frame."""
    columns: int
    rows: int
    device: Mapping[str, str]
    """Keys of a mask in a profile, as far as the image knows them."""


def opened(content: bytes) -> Encoded:
    """The dataset in a file that somebody only looks at. Raises `NotDicom`, `DirectoryFile`, `MalformedDataset`."""
    return inflate(instance_in(content)[1], LARGEST_PICTURE)


def sample(content: bytes) -> Sample:
    """Raises `NotDicom`, `DirectoryFile`, `DeidError`, `MalformedDataset`."""
    image = _small(read_image(opened(content)))
    if image is None:
        raise BadPixels("the instance has no pixels; choose an image")
    attributes = InstanceAttributes(image.encoded)
    columns, height = image.module.columns, image.module.rows
    told = {key: attributes.first(tag) or "" for key, tag in _DEVICE.items()}
    return Sample(picture(image, 1), columns, height, told | {"imageWidth": str(columns), "imageHeight": str(height)})


def compiled_for(profile: Profile, project: Project | None) -> CompiledProfile:
    """For nobody's project in particular, a secret that nobody knows. Raises `DeidError`."""
    return compile_profile(profile, project or Project("preview", secrets.token_bytes(SECRET_LENGTH)))


def _small(image: Image | None) -> Image | None:
    """Raises `BadPixels` if looking at it would take the gateway's memory."""
    if image is not None and image.module.frame_length * image.module.frames > LARGEST_PICTURE:
        raise BadPixels(f"its pixels take more than {LARGEST_PICTURE >> 20} MiB; `philae preview --image` shows them")
    return image
