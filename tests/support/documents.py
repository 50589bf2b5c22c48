"""Configuration documents for gateways under test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

PROFILE = """\
name: Basic
version: "1.0"
profileElements:
  - name: Basic DICOM confidentiality profile
    codename: basic.dicom.profile
"""
PROJECT = {"name": "Trial", "profile": "Basic", "secret": "0123456789abcdef0123456789abcdef"}
QUICK_RETRY = {"base_s": 0.2, "cap_s": 0.5}


def to_dicom(port: int, name: str = "archive", **more: Any) -> dict[str, Any]:
    """A receiver on this machine that gets de-identified instances unless ``deidentify=None``."""
    return _destination(
        {"name": name, "kind": "dicom", "ae_title": "ARCHIVE", "hostname": "127.0.0.1", "port": port, **more}
    )


def to_folder(path: Path, name: str = "local", **more: Any) -> dict[str, Any]:
    return _destination({"name": name, "kind": "folder", "path": str(path), **more})


def to_stow(url: str, name: str = "archive", **more: Any) -> dict[str, Any]:
    return _destination({"name": name, "kind": "stow", "url": url, **more})


def to_sftp(name: str = "store", **settings: Any) -> dict[str, Any]:
    return _destination({"name": name, "kind": "sftp", **settings})


def node(*destinations: dict[str, Any], ae_title: str = "PHILAE", **more: Any) -> dict[str, Any]:
    return {"ae_title": ae_title, "destinations": list(destinations), **more}


def document(*nodes: dict[str, Any], **more: Any) -> str:
    known = {"profiles": [{"text": PROFILE}], "projects": [PROJECT], "forward_nodes": list(nodes)}
    return yaml.safe_dump({**known, **more})


def _destination(settings: dict[str, Any]) -> dict[str, Any]:
    settings = {"deidentify": {"project": "Trial"}, "retry": QUICK_RETRY, **settings}
    if settings["deidentify"] is None:
        del settings["deidentify"]
    return settings
