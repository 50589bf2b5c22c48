"""Findings about one profile element, placed by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from philae.deid.literal_yaml import Findings


class Remarks:
    """What is wrong with one element; what is already faulty gets no second fault."""

    def __init__(self, path: str, line: int, lines: Mapping[str, int], findings: Findings) -> None:
        self._path = path
        self._line = line
        self._lines = lines
        self._findings = findings

    def fault(self, key: str, message: str, remedy: str) -> None:
        path = f"{self._path} {key}"
        if not self._is_faulty(path):
            self._findings.fault(path, self._lines.get(key, self._line), message, remedy)

    def warn(self, key: str, message: str, remedy: str) -> None:
        self._findings.warn(f"{self._path} {key}", self._lines.get(key, self._line), message, remedy)

    def _is_faulty(self, path: str) -> bool:
        whole = {self._path, path, path.partition(" arguments.")[0] + " arguments"}
        return any(fault.path in whole or fault.path.startswith(f"{path}[") for fault in self._findings.faults)
