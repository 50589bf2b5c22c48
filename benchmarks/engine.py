"""The engine alone: encoded bytes to pieces in memory, and file to file."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.engines import MODULES
from benchmarks.measure import Case, Sample
from benchmarks.peers.commands import COMMANDS, run
from benchmarks.settings import Settings
from benchmarks.workload import Workload, ct, jpeg2000, small

ROOT = Path(__file__).parents[1]


def cases(settings: Settings) -> Iterator[Case]:
    """Return each engine in memory and file to file, and the command-line tools file to file."""
    count = settings.engine_files
    for workload in (make(settings.workloads, count) for make in (ct, small, jpeg2000)):
        for mode in ("encoded", "file"):
            for name in MODULES:
                if settings.wants(name):
                    yield Case(
                        f"engine {mode}", workload.name, 0, name, partial(_python, settings, name, mode, workload)
                    )
        for name in COMMANDS:
            if settings.wants(name):
                yield Case("engine file", workload.name, 0, name, partial(_command, settings, name, workload))


def _python(settings: Settings, name: str, mode: str, workload: Workload) -> Sample:
    with settings.memory_folder() as folder:
        ended = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.engine_process", name, mode, str(folder)],
            input="\n".join(map(str, workload.files)),
            capture_output=True,
            check=False,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
            timeout=settings.time_limit_s,
        )
    if ended.returncode:
        return Sample({}, ended.stderr[-500:])
    told = json.loads(ended.stdout)
    return Sample(_figures(told["count"], told["seconds"], told["cpu_s"]) | {"peak_mb": told["peak_mb"]})


def _command(settings: Settings, name: str, workload: Workload) -> Sample:
    with settings.memory_folder() as folder:
        command = COMMANDS[name](workload.files, folder)
        cpu, began = _children_cpu_s(), time.perf_counter()
        run(command, settings.time_limit_s)
        return Sample(_figures(len(workload.files), time.perf_counter() - began, _children_cpu_s() - cpu))


def _figures(count: int, seconds: float, cpu_s: float) -> dict[str, float]:
    return {"rate": count / seconds, "cpu_ms": 1000 * cpu_s / count}


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
