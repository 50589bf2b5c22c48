from pathlib import Path

import pytest

from philae.cli.main import main


def test_a_tls_port_without_certificate_refuses_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PHILAE_DICOM_TLS_PORT", "2762")

    code = main(["serve", "--data", str(tmp_path / "data")])

    assert code == 2
    assert "dicom_tls_certificate" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()
