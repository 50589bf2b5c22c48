"""What a run over files came to, in a line or as JSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from philae.cli.console import complain_of, print_json, say
from philae.deid.pixels.face_figures import NO_FACE, total
from philae.deid.pixels.order import why_not_defaced

if TYPE_CHECKING:
    from pathlib import Path

    from philae.deid.files.deidentify import Outcome
    from philae.deid.pixels.face_figures import FaceFigures


class Summary:
    """Counts by result, and what somebody has to look at."""

    def __init__(self, *, single: bool) -> None:
        self._single = single
        self._counts: Counter[str] = Counter()
        self._problems: list[Outcome] = []
        self._faces: dict[str, FaceFigures] = {}
        self._left: Counter[str] = Counter()

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        self._counts[outcome.result] += 1
        if outcome.face.slices:
            series = outcome.series_instance_uid
            self._faces[series] = total((self._faces.get(series, NO_FACE), outcome.face))
        if reason := why_not_defaced(outcome.pixels):
            self._left[reason] += 1
        if outcome.result in ("failed", "refused", "not_dicom") or (outcome.result == "written" and outcome.reason):
            self._problems.append(outcome)

    @property
    def failed(self) -> bool:
        """Whether the exit code is 1: also when the one file that was named is no instance."""
        return bool(self._counts["failed"] or (self._single and self._counts["written"] == 0 and self._problems))

    def tell(self, source: Path, destination: Path, report: Path | None, *, as_json: bool) -> None:
        """Print all that."""
        from philae.deid.files.deidentify import Result

        remark = f" in {report}" if report else " (--report lists all)"
        complain_of((f"{each.result}: {each.source}: {each.reason}" for each in self._problems), remark)
        counts = {result.value: self._counts[result] for result in Result}
        if as_json:
            problems = [
                {"path": str(each.source), "result": each.result.value, "reason": each.reason}
                for each in self._problems
            ]
            faces = [{"series_instance_uid": uid, **figures._asdict()} for uid, figures in self._faces.items()]
            document = {"source": str(source), "destination": str(destination), "results": counts}
            print_json({**document, "problems": problems, "faces": faces, "not_defaced": self._left})
        else:
            for uid, figures in self._faces.items():
                say(f"series {uid}: {figures.slices} slices defaced, {figures.words}")
            for reason, number in self._left.items():
                say(f"{number} images not defaced: {reason}")
            words = (f"{number} {result.replace('_', ' ')}" for result, number in counts.items() if number)
            say(f"{destination}: {', '.join(words) or 'no files in the source'}")
