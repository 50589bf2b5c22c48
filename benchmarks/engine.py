"""The engine alone: encoded bytes to pieces in memory, and file to file; command-line tools over a folder."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from benchmarks.engines import MODULES, RESEARCH
from benchmarks.measure import Case, Sample
from benchmarks.peers.commands import COMMANDS, EDITORS, Command, run
from benchmarks.settings import Settings
from benchmarks.workload import Workload, ct, jpeg2000, small

ROOT = Path(__file__).parents[1]


def cases(settings: Settings) -> Iterator[Case]:
    """Return each engine in memory and file to file, and the command-line tools file to file."""
    count = settings.engine_files
    for workload in (make(settings.workloads, count) for make in (ct, small, jpeg2000)):
        for mode in ("encoded", "file"):
            yield from _python_cases(f"engine {mode}", MODULES, settings, mode, workload)
        for name in EDITORS:
            if settings.wants(name):
                run_it = partial(_command, settings, EDITORS[name], workload)
                yield Case("engine file", workload.name, 0, name, run_it)
    yield from _python_cases("engine research", RESEARCH, settings, "encoded", ct(settings.workloads, count))
    folder = ct(settings.workloads, settings.command_files)
    for name in COMMANDS:
        if settings.wants(name):
            yield Case("engine command", folder.name, 0, name, partial(_command, settings, COMMANDS[name], folder))


def _python_cases(
    section: str, modules: Mapping[str, str], settings: Settings, mode: str, workload: Workload
) -> Iterator[Case]:
    for name, module in modules.items():
        if settings.wants(name):
            yield Case(section, workload.name, 0, name, partial(_python, settings, module, mode, workload))


def _python(settings: Settings, module: str, mode: str, workload: Workload) -> Sample:
    with settings.memory_folder() as folder:
        ended = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.engine_process", module, mode, str(folder)],
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


def _command(settings: Settings, prepare: Command, workload: Workload) -> Sample:
    with settings.memory_folder() as folder:
        command = prepare(workload.files, folder)
        cpu, began = _children_cpu_s(), time.perf_counter()
        run(command, settings.command_limit_s)
        return Sample(_figures(len(workload.files), time.perf_counter() - began, _children_cpu_s() - cpu))


def _figures(count: int, seconds: float, cpu_s: float) -> dict[str, float]:
    return {"rate": count / seconds, "cpu_ms": 1000 * cpu_s / count}


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
