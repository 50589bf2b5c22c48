"""STOW-RS servers to deliver to."""

import sys
from pathlib import Path

from benchmarks.peers.orthanc import orthanc_dicomweb
from benchmarks.processes import Server, free_port, start

ROOT = Path(__file__).parents[2]


def null_stow(folder: Path) -> Server:
    """Start the server that keeps nothing."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.peers.null_stow", str(port)]
    return start("null STOW", command, port, folder, env={"PYTHONPATH": str(ROOT)})


STOW_SERVERS = {"null": (null_stow, ""), "Orthanc": (orthanc_dicomweb, "/dicom-web")}
"""How each is started, and the path of its service."""
