import json
from pathlib import Path

import pytest

from philae.dicom import standard

DATA = Path(standard.__file__).with_name("data")
TABLES = sorted(DATA.iterdir())


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_each_table_names_its_edition_and_source(path: Path) -> None:
    header = json.loads(path.read_text(encoding="utf-8"))["header"]

    assert header["edition"].startswith("20")
    assert ": " in header["source"]
    assert header["table"].startswith("PS3.")


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_no_table_holds_an_address_or_a_sentence(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert "://" not in text
    assert ". The " not in text
    assert " shall " not in text
