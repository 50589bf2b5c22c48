"""``philae mask``: work on masks for pixels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from philae.cli.console import complain_of, progress, say
from philae.cli.failure import Failure, Misuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.deid.files.folder_walk import Found
    from philae.deid.pixels.proposal import Learning, Proposal


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Work on masks for burned-in text.", no_args_is_help=False)
    group.command("propose")(propose)
    group.callback()(_group)
    app.add_typer(group, name="mask")


def _group() -> None:
    """Work on masks for burned-in text."""


def propose(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Images of one device or more, any depth.")],
    *,
    station: Annotated[
        str | None,
        typer.Option("--station", metavar="NAME", help="Only images whose Station Name (0008,1010) is this."),
    ] = None,
    most: Annotated[
        int, typer.Option("--most", metavar="N", min=1, help="Images of each station and size to look at.")
    ] = 100,
) -> None:
    """Look for text in the images of FOLDER and print a `masks` block for a profile.

    Every place where any image has text is covered; beside it stands in how many there was some. Look at the images
    before you use it: what was not found is not covered. Exit code 1 if no image could be looked at.
    """
    from philae.deid.files.folder_walk import files_below
    from philae.deid.pixels.proposal import Learning

    if not folder.is_dir():
        raise Misuse(f"{folder} is no folder; name one with images of the device")
    learning, problems = Learning(), list[str]()
    with progress("looking", None) as advance:
        for found in files_below(folder.resolve()):
            problem = found.problem or _looked_at(found, station, most, learning)
            problems += [f"{found.path}: {problem}"] if problem else []
            advance(1)
    complain_of(problems)
    proposals = list(learning.proposals())
    if not proposals:
        raise Failure(f"{folder} has no image{f' of station {station!r}' if station else ''} that could be looked at")
    for line in _block(proposals):
        say(line)


def _looked_at(found: Found, station: str | None, most: int, learning: Learning) -> str:
    """Learn from a file; what kept it from that, empty if nothing did or it is not asked for."""
    from philae.deid.errors import DeidError
    from philae.deid.files.instance_file import DirectoryFile, InstanceFile
    from philae.deid.instance_attributes import InstanceAttributes
    from philae.deid.pixels.module import read_image
    from philae.deid.pixels.proposal import Kind
    from philae.dicom.part10 import NotDicom
    from philae.dicom.scan import MalformedDataset, inflate

    try:
        with InstanceFile(found.path) as file:
            plain = inflate(file.encoded)
            name = InstanceAttributes(plain).first(0x00081010) or ""
            image = read_image(plain) if station in (None, name) else None
            if image is None:
                return ""
            if not name:
                return "it has no Station Name (0008,1010), so no mask can be for it alone"
            kind = Kind(name, image.module.columns, image.module.rows)
            if learning.count(kind) < most:
                learning.look(kind, image)
    except (NotDicom, DirectoryFile):
        return ""
    except (DeidError, MalformedDataset) as error:
        return str(error)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return ""


def _block(proposals: list[Proposal]) -> Iterator[str]:
    yield "masks:"
    for proposal in proposals:
        mask = proposal.mask
        yield f"  - stationName: {json.dumps(mask.station_name, ensure_ascii=False)}  # images looked at: {proposal.images}"
        yield f"    imageWidth: {mask.width}"
        yield f"    imageHeight: {mask.height}"
        yield f'    color: "{bytes(mask.color).hex()}"'
        if not mask.rectangles:
            yield "    rectangles: []  # no text was found: with this mask such images leave as they are"
            continue
        yield "    rectangles:"
        for rectangle, seen in zip(mask.rectangles, proposal.seen, strict=True):
            yield f'      - "{" ".join(map(str, rectangle))}"  # with text: {seen}'
