"""Installs what the web interface takes from npm: ``python -m tools.assets``.

``package.json`` says which packages, ``package-lock.json`` which versions of them with which hashes; npm knows where
from. Of the icons only those in ``icons.txt`` are taken, as one sprite.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
VENDOR = HERE.parents[1] / "src" / "philae" / "web" / "static" / "vendor"
STAMP = "built-from"
FILES = {
    "@tabler/core": ("dist/css/tabler.min.css", "dist/js/tabler.min.js"),
    "htmx.org": ("dist/htmx.min.js", "LICENSE"),
    "@tabler/icons": ("LICENSE",),
}
"""What is copied of each package; it stands in the folder of its package's last name."""


class AssetFault(Exception):
    """The assets cannot be installed."""


def main() -> int:
    """0 when the assets are there, 1 when they cannot be had."""
    wanted = digest()
    if (VENDOR / STAMP).is_file() and (VENDOR / STAMP).read_text(encoding="utf-8") == wanted:
        return 0
    print("assets: installing what the web interface takes from npm", file=sys.stderr)
    try:
        with TemporaryDirectory() as folder:
            built = Path(folder) / "vendor"
            build(built, Path(folder))
            (built / STAMP).write_text(wanted, encoding="utf-8")
            shutil.rmtree(VENDOR, ignore_errors=True)
            shutil.copytree(built, VENDOR)
    except AssetFault as fault:
        print(f"assets: {fault}", file=sys.stderr)
        return 1
    return 0


def digest() -> str:
    """Changes with everything that the assets are made from."""
    sources = ("package.json", "package-lock.json", "icons.txt", "__main__.py")
    return hashlib.sha256(b"\0".join((HERE / name).read_bytes() for name in sources)).hexdigest()


def build(built: Path, scratch: Path) -> None:
    """Fill the folder ``built``. Raises `AssetFault`."""
    locked = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for package, files in FILES.items():
        entry = locked[f"node_modules/{package}"]
        with tarfile.open(fetch(package, entry["version"], entry["integrity"], scratch)) as archive:
            for name in files:
                target = built / package.rpartition("/")[2] / Path(name).name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(without_map(member(archive, name)))
            if package == "@tabler/icons":
                (built / "icons" / "sprite.svg").write_text(sprite(archive), encoding="utf-8")


def fetch(package: str, version: str, integrity: str, scratch: Path) -> Path:
    """The package's archive, whose hash is the locked one. Raises `AssetFault`."""
    npm = shutil.which("npm")
    if npm is None:
        raise AssetFault("npm was not found; install it (Debian: apt-get install npm) and run `make env` again")
    command = [npm, "pack", f"{package}@{version}", "--silent", "--ignore-scripts", "--pack-destination", str(scratch)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=scratch)
    if done.returncode:
        raise AssetFault(f"npm did not give {package} {version}: {done.stderr.strip()}")
    archive = scratch / done.stdout.split()[-1]
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{found}" != integrity:
        raise AssetFault(f"{package} {version} is not what package-lock.json names: its hash is sha512-{found}")
    return archive


def sprite(archive: tarfile.TarFile) -> str:
    """Every icon of ``icons.txt`` as a symbol of its name."""
    names = (HERE / "icons.txt").read_text(encoding="utf-8").split()
    return "\n".join(
        ['<svg xmlns="http://www.w3.org/2000/svg">', *(symbol(archive, each) for each in names), "</svg>\n"]
    )


def symbol(archive: tarfile.TarFile, name: str) -> str:
    """One outline icon, without the invisible square that each begins with."""
    svg = member(archive, f"icons/outline/{name}.svg").decode()
    shapes = "".join(re.findall(r"<(?!svg|/svg|!--)[^>]+>", svg)).replace(
        '<path stroke="none" d="M0 0h24v24H0z" fill="none" />', ""
    )
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def member(archive: tarfile.TarFile, name: str) -> bytes:
    """A file of the package. Raises `AssetFault`."""
    try:
        file = archive.extractfile(f"package/{name}")
    except KeyError:
        file = None
    if file is None:
        raise AssetFault(f"the package holds no {name}")
    return file.read()


def without_map(content: bytes) -> bytes:
    """Without the line that sends browsers' tools for a file that is not there."""
    return re.sub(rb"(//|/\*)# sourceMappingURL=\S+(\s*\*/)?\s*$", b"", content)


if __name__ == "__main__":
    sys.exit(main())
