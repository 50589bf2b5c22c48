from pathlib import Path

import pytest

from tests.support.commands import Philae
from tests.support.deidentifying import PROFILE
from tests.support.listening import write_instance


@pytest.fixture
def philae(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Philae:
    monkeypatch.delenv("PHILAE_SECRET", raising=False)
    monkeypatch.delenv("PHILAE_SECRET_FILE", raising=False)
    return Philae(capsys)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "profile.yml"
    path.write_text(PROFILE)
    return path


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return write_instance(tmp_path / "image.dcm", "1.2.3.4.1", size=16)
