"""Command-line de-identifiers over a folder: start-up counts, as their users pay for it."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import trustme

from benchmarks.processes import PeerFailed, system_program

Command = Callable[[Sequence[Path], Path], list[str]]
REMOVED = (
    "(0008,0080)", "(0008,0081)", "(0008,0090)", "(0008,1010)", "(0008,1030)", "(0008,1040)", "(0008,1048)",
    "(0008,1050)", "(0008,1060)", "(0008,1070)", "(0010,1002)", "(0010,1040)", "(0010,1060)", "(0010,2154)",
    "(0010,2160)", "(0010,2180)", "(0010,21b0)", "(0010,4000)", "(0018,1000)", "(0032,1060)",
)  # fmt: skip
REPLACED = (
    "(0010,0010)=P-0001", "(0010,0020)=P-0001", "(0010,0030)=19000101", "(0008,0020)=19000101", "(0008,0050)=0",
    "(0012,0062)=YES",
)  # fmt: skip


def gdcmanon(files: Sequence[Path], folder: Path) -> list[str]:
    """Prepare gdcmanon's Basic Profile over a folder of ``files`` and return the command."""
    source, target = folder / "source", folder / "target"
    source.mkdir()
    target.mkdir()
    for path in files:
        shutil.copyfile(path, source / path.name)
    certificate = folder / "certificate.pem"
    trustme.CA().cert_pem.write_to_path(str(certificate))
    return [
        system_program("gdcmanon"),
        "-e",
        "-c",
        str(certificate),
        "-i",
        str(source),
        "-o",
        str(target),
        "--continue",
    ]


def dcmodify(files: Sequence[Path], folder: Path) -> list[str]:
    """Prepare some thirty edits by dcmodify, in place, on copies of ``files`` and return the command."""
    copies = [folder / path.name for path in files]
    for path, copy in zip(files, copies, strict=True):
        shutil.copyfile(path, copy)
    edits = [word for tag in REMOVED for word in ("-ea", tag)] + [word for edit in REPLACED for word in ("-i", edit)]
    return [system_program("dcmodify"), "-nb", "-imt", "-gst", "-gse", "-gin", "-ep", *edits, *map(str, copies)]


def run(command: Sequence[str], time_limit_s: float) -> None:
    """Run ``command``.

    Raises:
        PeerFailed: it complained or took too long.

    """
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=time_limit_s)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        complaint = error.stderr.decode(errors="replace")[-500:] if error.stderr else str(error)
        raise PeerFailed(f"{Path(command[0]).name}: {complaint}") from error


COMMANDS: dict[str, Command] = {"gdcmanon": gdcmanon, "dcmodify": dcmodify}
