"""DCMTK storescp: the receiver to compare with, and the receiver behind every gateway."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import Server, free_port, nodelay, start, system_program


def storescp(folder: Path, associations: int, *, inbox: Path | None = None, options: Sequence[str] = ()) -> Server:
    """Start storescp; it writes the bytes as they come (``+B``) to ``inbox``, without syncing.

    ``options`` are further ones, those of TLS for example. It serves one association at a time, so it forks when there will be several.
    """
    inbox = inbox or folder / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [system_program("storescp"), "+B", "+xa", "-pm", "-pdu", "131072", "-od", str(inbox)]
    command += [*options, *(["--fork"] if associations > 1 else [])]
    return start("storescp", [*command, str(port)], port, folder, env=nodelay())
