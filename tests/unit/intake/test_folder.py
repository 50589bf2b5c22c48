from __future__ import annotations

import fcntl
import os
import zipfile
from pathlib import Path

import pytest

from philae.config.configuration import Configuration
from philae.config.forward_node import ForwardNode, WatchedFolder
from philae.dicom.part10 import read_meta
from philae.intake.folder import REFUSED, FolderIntake
from philae.pipeline.wake import Wake
from tests.support.archives import Recorder
from tests.support.fakes import FakeBell, FakeLedger, FakeSpool
from tests.support.lanes import make_destination, make_node
from tests.support.scans import scans

NODE = make_node(make_destination(1))
LARGE = 1 << 30


class World:
    """A watched folder, and what becomes of its files."""

    def __init__(self, root: Path, node: ForwardNode = NODE, settle_s: float = 0.0, largest: int = LARGE) -> None:
        self.root = root / "in"
        self.root.mkdir()
        self.ledger, self.spool, self.bell = FakeLedger(), FakeSpool(), FakeBell()
        self._node = node
        self._watched = WatchedFolder(path=self.root, settle_s=settle_s)
        self._intake = FolderIntake(Recorder, self.spool, self.ledger, self.bell, largest)  # type: ignore[arg-type]

    def put(self, name: str, content: bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (1_700_000_000, 1_700_000_000))
        return path

    def look(self) -> None:
        self._intake.look(self._watched, self._node, Configuration(), Wake())

    @property
    def accepted(self) -> int:
        return self.ledger.counts().accepted

    @property
    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def instances(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return [scan.path.read_bytes() for scan in scans(tmp_path_factory.mktemp("scans"), slices=3)]


def test_files_at_any_depth_are_accepted_and_then_removed(tmp_path: Path, instances: list[bytes]) -> None:
    world = World(tmp_path)
    world.put("1.dcm", instances[0])
    world.put("study/series/IM1", instances[1])

    world.look()

    assert world.accepted == 2
    assert world.files == []
    assert world.bell.rings == 2


def test_an_archive_is_one_file_with_many_instances(tmp_path: Path, instances: list[bytes]) -> None:
    world = World(tmp_path)
    with zipfile.ZipFile(world.put("study.zip", b""), "w") as archive:
        for number, content in enumerate([*instances, b"read me"]):
            archive.writestr(f"study/{number}", content)
    os.utime(world.root / "study.zip", (1_700_000_000, 1_700_000_000))

    world.look()

    assert world.accepted == 3
    assert world.files == []


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 broken", b"\0" * 128 + b"DICM"])
def test_what_is_no_instance_is_put_aside_as_it_is(tmp_path: Path, content: bytes) -> None:
    world = World(tmp_path)
    world.put("deep/note.txt", content)

    world.look()
    world.look()

    assert world.accepted == 0
    assert world.files == [f"{REFUSED}/deep/note.txt"]
    assert (world.root / REFUSED / "deep" / "note.txt").read_bytes() == content


def test_an_archive_with_an_instance_that_is_refused_is_put_aside(tmp_path: Path, instances: list[bytes]) -> None:
    world = World(tmp_path)
    uid = read_meta(instances[0]).sop_instance_uid.encode()
    with zipfile.ZipFile(world.put("study.zip", b""), "w") as archive:
        archive.writestr("good", instances[1])
        archive.writestr("mismatch", instances[0].replace(uid, uid[:-1] + b"x", 1))
    os.utime(world.root / "study.zip", (1_700_000_000, 1_700_000_000))

    world.look()

    assert world.accepted == 1
    assert world.files == [f"{REFUSED}/study.zip"]


def test_files_that_are_being_written_are_left_alone(tmp_path: Path, instances: list[bytes]) -> None:
    world = World(tmp_path, settle_s=60)
    (world.root / "fresh.dcm").write_bytes(instances[0])
    world.put(".upload.dcm", instances[1])
    world.put(".incoming/1.dcm", instances[2])

    world.look()

    assert world.accepted == 0
    assert world.files == [".incoming/1.dcm", ".upload.dcm", "fresh.dcm"]


def test_links_are_not_followed(tmp_path: Path, instances: list[bytes]) -> None:
    world = World(tmp_path)
    elsewhere = tmp_path / "elsewhere.dcm"
    elsewhere.write_bytes(instances[0])
    (world.root / "link.dcm").symlink_to(elsewhere)

    world.look()

    assert world.accepted == 0
    assert elsewhere.exists()


def test_without_room_a_file_stays_where_it_is_until_there_is_some(tmp_path: Path, instances: list[bytes]) -> None:
    world = World(tmp_path)
    world.put("1.dcm", instances[0])
    world.spool.full = True
    world.look()
    before = world.accepted, world.files

    world.spool.full = False
    world.look()

    assert before == (0, ["1.dcm"])
    assert (world.accepted, world.files) == (1, [])


def test_a_node_without_destination_takes_nothing(tmp_path: Path, instances: list[bytes]) -> None:
    world = World(tmp_path, node=make_node(make_destination(1).model_copy(update={"enabled": False})))
    world.put("1.dcm", instances[0])

    world.look()

    assert world.files == ["1.dcm"]


def test_a_folder_that_another_process_empties_is_left_to_it(tmp_path: Path, instances: list[bytes]) -> None:
    world = World(tmp_path)
    world.put("1.dcm", instances[0])
    other = os.open(world.root, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)

    world.look()
    os.close(other)

    assert world.files == ["1.dcm"]


def test_a_folder_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.root.rmdir()

    world.look()

    assert world.accepted == 0
