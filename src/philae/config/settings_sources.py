"""Settings from where people write them: a settings file, the environment and files that hold secrets."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource
from typing_extensions import override

from philae.config.karnak_environment import settings_of_karnak
from philae.config.settings import PREFIX, Settings

SETTINGS_FILES: Final = ("philae.yml", "philae.toml")
"""Looked for in the data folder when ``PHILAE_SETTINGS`` names none."""


@dataclass(frozen=True, slots=True)
class SettingsFault:
    """One thing wrong with the settings, by the name that a person gave it."""

    name: str
    message: str

    @override
    def __str__(self) -> str:
        return f"{self.name}: {self.message}"


class SettingsFaults(ValueError):
    """The gateway cannot run with these settings; ``faults`` holds everything that is wrong."""

    def __init__(self, faults: tuple[SettingsFault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def load_settings(data: Path | None = None) -> Settings:
    """``data`` counts before ``PHILAE_...``, that before ``PHILAE_..._FILE``, before Karnak's names, before the file.

    Raises `SettingsFaults`.
    """
    environment = EnvSettingsSource(Settings)()
    faults: list[SettingsFault] = []
    named = {"data": data} if data is not None else {}
    folder = Path(named.get("data") or environment.get("data") or Settings.model_fields["data"].default)
    values = {
        **_from_file(folder.expanduser(), faults),
        **settings_of_karnak(os.environ),
        **_from_secret_files(environment, faults),
    }
    try:
        settings = Settings(**{**values, **environment, **named})
    except ValidationError as error:
        faults += [_fault(each["loc"], each["msg"], environment) for each in error.errors(include_input=False)]
        raise SettingsFaults(tuple(faults)) from None
    if faults:
        raise SettingsFaults(tuple(faults))
    return settings


def _from_file(data: Path, faults: list[SettingsFault]) -> dict[str, Any]:
    named = os.environ.get(f"{PREFIX}SETTINGS")
    path = Path(named) if named else next((data / name for name in SETTINGS_FILES if (data / name).is_file()), None)
    if path is None:
        return {}
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text) if path.suffix == ".toml" else yaml.safe_load(text) or {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        faults.append(SettingsFault(str(path), f"cannot be read: {error}"))
        return {}
    if not isinstance(values, dict):
        faults.append(SettingsFault(str(path), "holds no settings; write lines such as dicom_port: 11112"))
        return {}
    return {str(key).lower(): value for key, value in values.items()}


def _from_secret_files(environment: dict[str, Any], faults: list[SettingsFault]) -> dict[str, str]:
    """What ``PHILAE_X_FILE`` points to, without the line end."""
    values = {}
    for name in Settings.model_fields:
        variable = f"{PREFIX}{name.upper()}_FILE"
        path = os.environ.get(variable)
        if not path:
            continue
        if name in environment:
            faults.append(SettingsFault(variable, f"is given together with {PREFIX}{name.upper()}; give one of them"))
        try:
            values[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            faults.append(SettingsFault(variable, f"cannot be read: {error}"))
    return values


def _fault(where: tuple[int | str, ...], message: str, environment: dict[str, Any]) -> SettingsFault:
    name = str(where[0]) if where else "settings"
    if message == "Extra inputs are not permitted":
        message = f"unknown setting; known are: {', '.join(Settings.model_fields)}"
    return SettingsFault(
        f"{PREFIX}{name.upper()}" if name in environment else name, message.removeprefix("Value error, ")
    )
