from __future__ import annotations

from pathlib import Path

import pytest

from philae.config.settings_sources import SettingsFaults, load_settings


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("PHILAE_")]:
        monkeypatch.delenv(name)


def names_of(error: pytest.ExceptionInfo[SettingsFaults]) -> set[str]:
    return {fault.name for fault in error.value.faults}


def test_everything_has_a_default(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path)

    assert settings.dicom_port == 11112
    assert settings.dicom_tls_port is None
    assert settings.web_port == 8080
    assert settings.database_url == f"sqlite:///{tmp_path}/philae.db"
    assert settings.uses_default_database
    assert settings.spool == tmp_path / "spool"
    assert settings.is_durable
    assert settings.intakes >= 1


def test_environment_goes_before_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "philae.yml").write_text("dicom_port: 104\nworkers: 3\n")
    monkeypatch.setenv("PHILAE_DATA", str(tmp_path))
    monkeypatch.setenv("PHILAE_DICOM_PORT", "2104")
    monkeypatch.setenv("PHILAE_DURABILITY", "off")

    settings = load_settings()

    assert (settings.data, settings.dicom_port, settings.workers) == (tmp_path, 2104, 3)
    assert not settings.is_durable


def test_argument_goes_before_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHILAE_DATA", "/elsewhere")

    assert load_settings(data=tmp_path).data == tmp_path


def test_toml_settings_file_is_named_by_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.toml").write_text('spool = "/var/spool/philae"\n')
    monkeypatch.setenv("PHILAE_SETTINGS", str(tmp_path / "mine.toml"))

    assert load_settings(data=tmp_path).spool == Path("/var/spool/philae")


def test_secret_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text("postgresql://philae:hush@db/philae\n")
    monkeypatch.setenv("PHILAE_DATABASE_URL_FILE", str(tmp_path / "url"))

    settings = load_settings(data=tmp_path)

    assert settings.database_url == "postgresql://philae:hush@db/philae"
    assert "hush" not in repr(settings)
    assert not settings.uses_default_database


def test_every_fault_is_reported_by_the_name_it_was_given_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "philae.yml").write_text("workers: none\ndicom_prot: 104\n")
    monkeypatch.setenv("PHILAE_DICOM_PORT", "70000")
    monkeypatch.setenv("PHILAE_DATABASE_URL", "sqlite://")
    monkeypatch.setenv("PHILAE_DATABASE_URL_FILE", str(tmp_path / "missing"))

    with pytest.raises(SettingsFaults) as caught:
        load_settings(data=tmp_path)

    assert names_of(caught) == {"workers", "dicom_prot", "PHILAE_DICOM_PORT", "PHILAE_DATABASE_URL_FILE"}


@pytest.mark.parametrize("text", ["- a\n", "a: b: c\n", "just text"])
def test_unreadable_settings_file_is_a_fault(text: str, tmp_path: Path) -> None:
    (tmp_path / "philae.yml").write_text(text)

    with pytest.raises(SettingsFaults):
        load_settings(data=tmp_path)


def test_empty_variable_counts_as_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHILAE_DICOM_TLS_PORT", "")

    assert load_settings(data=tmp_path).dicom_tls_port is None


def test_orphans_are_older_than_any_open_association(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHILAE_ORPHAN_AGE_S", "600")

    with pytest.raises(SettingsFaults, match="idle_s"):
        load_settings(data=tmp_path)
