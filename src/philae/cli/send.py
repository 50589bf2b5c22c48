"""``philae send``: send files to a peer."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from philae.cli.console import complain_of, print_json, progress, say
from philae.cli.failure import FAILED, Misuse, fail
from philae.cli.peer import CallingOption, PeerArgument, address_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from philae.dimse.address import Address
    from philae.tools.send import Answer, Candidate


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("send")(send)


def send(
    peer: PeerArgument,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="DICOM files, and folders of any depth.")],
    *,
    calling: CallingOption = "PHILAE",
    associations: Annotated[
        int, typer.Option("--associations", metavar="N", min=1, max=64, help="How many at once.")
    ] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer to each file as JSON.")] = False,
) -> None:
    """Send files by C-STORE, as they are where the peer takes them so.

    Uncompressed ones go in another uncompressed transfer syntax where it does not. Exit code 1: some file was not
    stored.
    """
    address = address_of(peer, calling)
    for path in paths:
        if not path.exists():
            raise Misuse(f"{path} does not exist; name DICOM files or folders")
    answers = _answers(paths, address, associations)
    _tell(peer, answers, as_json=as_json)
    named = {path for path in paths if not path.is_dir()}
    if any(is_failure(answer, named) for answer in answers):
        raise typer.Exit(FAILED)


def send_files(paths: Sequence[Path], *, host: str, port: int, called_ae_title: str, calling_ae_title: str) -> None:
    """Send files over one association. Raises `Failure` unless all are stored."""
    from philae.dimse.address import Address

    answers = _answers(paths, Address(host, port, called_ae_title, calling_ae_title), 1)
    fail_lines = [_line(answer) for answer in answers if is_failure(answer, set(paths))]
    if fail_lines:
        fail(*fail_lines)


def is_failure(answer: Answer, named: Collection[Path]) -> bool:
    """Whether an instance, or a file that was ``named`` on the command line, was not stored."""
    from philae.tools.send import Sent

    return answer.sent is Sent.NOT_STORED or (answer.sent is Sent.NOT_DICOM and answer.path in named)


def _answers(paths: Sequence[Path], address: Address, associations: int) -> list[Answer]:
    from philae.tools.send import Answer, send

    answers: list[Answer] = []
    candidates: list[Candidate] = []
    with progress("examining", None) as advance:
        for each in _examined(paths):
            if isinstance(each, Answer):
                answers.append(each)
            else:
                candidates.append(each)
            advance(1)
    with progress("sending", len(candidates)) as advance:
        for answer in send(candidates, address, associations):
            answers.append(answer)
            advance(1)
    return answers


def _examined(paths: Sequence[Path]) -> Iterator[Candidate | Answer]:
    from philae.deid.files.folder_walk import files_below, found_at
    from philae.tools.send import Answer, Sent, examine

    for path in paths:
        for found in files_below(path) if path.is_dir() else (found_at(path),):
            yield Answer(found.path, Sent.NOT_STORED, found.problem) if found.problem else examine(found.path)


def _tell(peer: str, answers: Sequence[Answer], *, as_json: bool) -> None:
    from philae.tools.send import Sent

    counts = Counter(answer.sent for answer in answers)
    complain_of(_line(answer) for answer in answers if answer.sent is not Sent.STORED)
    if as_json:
        print_json({"peer": peer, "results": {sent.value: counts[sent] for sent in Sent}, "files": _documents(answers)})
    else:
        words = (f"{counts[sent]} {sent.replace('_', ' ')}" for sent in Sent if counts[sent])
        say(f"{peer}: {', '.join(words) or 'nothing to send'}")


def _line(answer: Answer) -> str:
    return f"{answer.sent.replace('_', ' ')}: {answer.path}: {answer.words}"


def _documents(answers: Sequence[Answer]) -> list[dict[str, object]]:
    return [
        {
            "path": str(answer.path),
            "result": answer.sent.value,
            "words": answer.words,
            "status": None if answer.status is None else f"{answer.status:04X}",
            "sop_instance_uid": answer.sop_instance_uid,
        }
        for answer in answers
    ]
