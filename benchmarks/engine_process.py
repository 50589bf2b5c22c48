"""One engine in a process of its own: reads paths from standard input, prints its figures as JSON."""

import json
import os
import sys
import time
from pathlib import Path

from benchmarks.engines import Engine, engine
from benchmarks.processes import peak_mb_of

WARM_UP = 3


def main() -> None:
    """Arguments: the MODULE of the engine, then ``encoded`` (bytes to pieces, in memory) or ``file`` and a folder to write to."""
    module, mode = sys.argv[1:3]
    files = [Path(line) for line in sys.stdin.read().splitlines()]
    deidentify = engine(module)
    for path in files[:WARM_UP]:
        deidentify(path.read_bytes())
    if mode == "encoded":
        seconds, cpu_s = _encoded(deidentify, [path.read_bytes() for path in files[WARM_UP:]])
    else:
        seconds, cpu_s = _file_to_file(deidentify, files[WARM_UP:], Path(sys.argv[3]))
    peak_mb = peak_mb_of(os.getpid())
    print(json.dumps({"count": len(files) - WARM_UP, "seconds": seconds, "cpu_s": cpu_s, "peak_mb": peak_mb}))


def _encoded(deidentify: Engine, inputs: list[bytes]) -> tuple[float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    for encoded in inputs:
        deidentify(encoded)
    return time.perf_counter() - began, time.process_time() - cpu


def _file_to_file(deidentify: Engine, files: list[Path], folder: Path) -> tuple[float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    for path in files:
        pieces = deidentify(path.read_bytes())
        with (folder / path.name).open("wb", buffering=0) as file:
            for start in range(0, len(pieces), os.sysconf("SC_IOV_MAX")):
                os.writev(file.fileno(), pieces[start : start + os.sysconf("SC_IOV_MAX")])
    return time.perf_counter() - began, time.process_time() - cpu


if __name__ == "__main__":
    main()
