"""The examples of the documentation say what happens."""

import doctest
import re
from pathlib import Path

import pytest

from philae.deid import Project, compile_profile, load_profile
from philae.deid.confidentiality.options import OPTION_NAMES
from philae.deid.expressions.functions import CONDITION, EXPRESSION
from philae.deid.profile_rules import RULES

ROOT = Path(__file__).parents[3]
PAGES = sorted(page for page in (ROOT / "docs").rglob("*.md") if "```pycon" in page.read_text("utf-8"))
YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```pycon\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_there_are_examples() -> None:
    assert PAGES


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_say_what_happens(page: Path) -> None:
    examples = "\n".join(FENCE.findall(page.read_text("utf-8")))
    test = doctest.DocTestParser().get_doctest(examples, {}, page.name, str(page), 0)

    failed, tried = doctest.DocTestRunner().run(test)

    assert tried > 0
    assert failed == 0


def test_the_reference_names_everything_that_a_profile_may_say() -> None:
    page = (ROOT / "docs/reference/profiles.md").read_text("utf-8")

    words = (
        {word for rule in RULES.values() for word in (*rule.arguments, *rule.actions)} | set(RULES) | set(OPTION_NAMES)
    )

    assert [word for word in sorted(words) if f"`{word}`" not in page and f"| {word} |" not in page] == []


def test_the_reference_names_every_function() -> None:
    page = (ROOT / "docs/reference/profiles.md").read_text("utf-8")

    names = {*CONDITION.functions, *EXPRESSION.functions, *EXPRESSION.variables}

    assert [name for name in sorted(names) if f"`{name}" not in page] == []


def test_profiles_of_the_reference_can_be_used() -> None:
    page = (ROOT / "docs/reference/profiles.md").read_text("utf-8")

    profiles = [load_profile(text) for text in YAML.findall(page)]

    assert len(profiles) > 1
    for profile in profiles:
        compile_profile(profile, Project("documentation", bytes(16)))
