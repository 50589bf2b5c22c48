"""Check the documentation: links lead somewhere, examples parse, and every ``philae`` command in them exists."""

import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

ROOT: Final = Path(__file__).resolve().parent.parent
PHILAE: Final = Path(sys.executable).with_name("philae")
LINK: Final = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE: Final = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
COMMAND: Final = re.compile(r"^\s*(?:\.venv/bin/)?philae((?: [a-z][a-z-]*)*)", re.MULTILINE)
GROUPS: Final = frozenset(
    {"config", "profile", "projects", "pseudonyms", "keys", "tokens", "deliveries", "mail", "users", "mask"}
)
"""Commands that take a verb; after any other command, words are arguments."""


def pages() -> list[Path]:
    """Every page that a reader may open."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def examples(page: Path) -> Iterator[tuple[str, str]]:
    """Language and text of every fenced block, those inside lists included."""
    for _, language, text in FENCE.findall(page.read_text(encoding="utf-8")):
        yield language, textwrap.dedent(text)


def anchors(page: Path) -> set[str]:
    """What links with ``#`` may point at: the headings, as GitHub spells them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> Iterator[str]:
    """Links to files or headings that are not there; addresses elsewhere are not followed."""
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            yield f"no such file: {link}"
        elif anchor and anchor not in anchors(target):
            yield f"no such heading: {link}"


def broken_examples(page: Path) -> Iterator[str]:
    """Fenced YAML, JSON and Python that does not parse."""
    for language, text in examples(page):
        try:
            if language in {"yaml", "yml"}:
                yaml.safe_load(text)
            elif language == "json":
                json.loads(text)
            elif language == "python":
                compile(text, str(page), "exec")
        except (yaml.YAMLError, ValueError, SyntaxError) as error:
            yield f"example in {language}: {error}"


def commands(page: Path) -> set[tuple[str, ...]]:
    """The ``philae`` commands that stand in shell examples."""
    found = set()
    for language, text in examples(page):
        if language == "sh":
            for match in COMMAND.finditer(text):
                words = match.group(1).split()
                found.add(tuple(words[: 2 if words and words[0] in GROUPS else 1]))
    return found - {()}


def knows(command: tuple[str, ...]) -> bool:
    """Whether the installed ``philae`` has this command."""
    return subprocess.run([PHILAE, *command, "--help"], capture_output=True, check=False).returncode == 0


def main() -> int:
    """Print every fault; return 1 when there is one."""
    faults = [
        f"{page.relative_to(ROOT)}: {fault}"
        for page in pages()
        for fault in (*broken_links(page), *broken_examples(page))
    ]
    named = sorted({command for page in pages() for command in commands(page)})
    faults += [f"no such command: philae {' '.join(command)}" for command in named if not knows(command)]
    print("\n".join(faults) or f"{len(pages())} pages, {len(named)} commands: no fault")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
