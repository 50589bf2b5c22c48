"""The peak memory of a whole `philae` command."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

_PROGRAM: Final = """
import sys
from pathlib import Path
from philae.cli.main import main
code = main(sys.argv[1:])
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(status["VmHWM"].split()[0])
sys.exit(code)
"""
"""The high-water mark of its own address space: ``ru_maxrss`` begins with what the test process had."""


def peak_bytes_of(*arguments: object) -> int:
    """Run ``philae`` with these arguments, successfully; the largest resident size it ever had."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1]) << 10
