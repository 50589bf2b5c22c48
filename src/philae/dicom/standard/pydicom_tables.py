"""pydicom's tables of PS3.6 without the rest of pydicom, whose import takes longer than a short command."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType


def pydicom_table(module: str, name: str) -> Any:
    """A table of a module of pydicom that imports nothing, such as ``_dicom_dict``; pydicom's own if it is loaded."""
    return getattr(_module(module), name)


def _module(name: str) -> ModuleType:
    if "pydicom" in sys.modules:
        return import_module(f"pydicom.{name}")
    package = find_spec("pydicom")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("pydicom is not installed", name="pydicom")
    own_name = f"{__name__}.{name}"
    if own_name in sys.modules:
        return sys.modules[own_name]
    spec = spec_from_file_location(own_name, Path(package.origin).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"pydicom has no {name}", name=f"pydicom.{name}")
    module = sys.modules[own_name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
