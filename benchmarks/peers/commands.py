"""Command-line de-identifiers over a folder: start-up counts, as their users pay for it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import trustme

from benchmarks.peers.philae import PROFILE, philae_program
from benchmarks.processes import PeerFailed, system_program

BYTECODE = Path("build/bench/bytecode")
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


def philae(files: Sequence[Path], folder: Path) -> list[str]:
    """Prepare ``philae deid`` with the Basic Profile, tripwire and report included, and return the command."""
    source, target = _folders(files, folder)
    profile = folder / "profile.yml"
    profile.write_text(PROFILE)
    secret = ["--secret", "0123456789abcdef0123456789abcdef"]
    report = ["--report", str(folder / "report.csv")]
    return [philae_program(), "deid", str(source), str(target), "--profile", str(profile), *secret, *report]


def dicognito(files: Sequence[Path], folder: Path) -> list[str]:
    """Prepare dicognito over a folder of ``files`` and return the command."""
    source, target = _folders(files, folder)
    return [sys.executable, "-W", "ignore", "-m", "dicognito", "--seed", "bench", "-o", str(target), str(source)]


def dicom_anonymizer(files: Sequence[Path], folder: Path) -> list[str]:
    """Prepare dicom-anonymizer over a folder of ``files`` and return the command."""
    source, target = _folders(files, folder)
    return [str(Path(sys.executable).with_name("dicom-anonymizer")), str(source), str(target)]


def gdcmanon(files: Sequence[Path], folder: Path) -> list[str]:
    """Prepare gdcmanon's Basic Profile over a folder of ``files`` and return the command."""
    source, target = _folders(files, folder)
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
    """Run ``command``; Python programs keep their bytecode from one run to the next, as installed ones do.

    Raises:
        PeerFailed: it complained or took too long.

    """
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPYCACHEPREFIX"] = str(BYTECODE.absolute())
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=time_limit_s, env=env)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        complaint = error.stderr.decode(errors="replace")[-500:] if error.stderr else str(error)
        raise PeerFailed(f"{Path(command[0]).name}: {complaint}") from error


def _folders(files: Sequence[Path], folder: Path) -> tuple[Path, Path]:
    """Return a folder with copies of ``files`` and an empty one."""
    source, target = folder / "source", folder / "target"
    source.mkdir()
    target.mkdir()
    for path in files:
        shutil.copyfile(path, source / path.name)
    return source, target


EDITORS: dict[str, Command] = {"gdcmanon": gdcmanon, "dcmodify": dcmodify}
"""Tools of C++, whose start-up hardly counts: compared also with the bare engines."""
COMMANDS: dict[str, Command] = {
    "Philae": philae,
    **EDITORS,
    "dicognito": dicognito,
    "dicom-anonymizer": dicom_anonymizer,
}
