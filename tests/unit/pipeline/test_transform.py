from __future__ import annotations

from pathlib import Path
from threading import Thread

import pydicom
import pytest

from philae.config.model import Configuration, Deidentify, Destination, ForwardNode, ProjectSettings, StoredProfile
from philae.deid.errors import DeidError, MissingPatientId, ProfileFaults
from philae.deid.profile import Project
from philae.destinations.folder import FolderSettings
from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_LE
from philae.pipeline.model import Delivery, Outgoing
from philae.pipeline.route import Unroutable
from philae.pipeline.transform import Transform
from philae.pseudonyms import pseudonym_source
from philae.pseudonyms.derived import DerivedSettings
from tests.support.fakes import FakeFile
from tests.support.instances import make_instance
from tests.support.lanes import ct_dataset

PROFILE = """
name: Everything
version: "1.0"
minimumKarnakVersion: "0.1"
profileElements:
  - name: Basic
    codename: basic.dicom.profile
"""
SECRET = "0123456789abcdef" * 2


class Versions:
    """Configuration versions, and how often each was asked for."""

    def __init__(self, *configurations: Configuration) -> None:
        self._configurations = {each.version: each for each in configurations}
        self.asked: list[int] = []

    def current(self) -> Configuration:
        return max(self._configurations.values(), key=lambda each: each.version)

    def version(self, number: int) -> Configuration:
        self.asked.append(number)
        return self._configurations[number]

    def apply(self, configuration: Configuration) -> Configuration:
        raise NotImplementedError


def configuration(
    version: int = 1, *, secret: str | None = SECRET, profile: str = PROFILE, deidentified: bool = True
) -> Configuration:
    deidentify = Deidentify(project="Trial", pseudonym=DerivedSettings()) if deidentified else None
    destination = Destination(id=1, name="out", deidentify=deidentify, settings=FolderSettings(path=Path("out")))
    return Configuration(
        version=version,
        profiles=(StoredProfile(name="Everything", text=profile),),
        projects=(ProjectSettings(name="Trial", profile="Everything", secret=secret),),
        forward_nodes=(ForwardNode(ae_title="PHILAE", destinations=(destination,)),),
    )


def delivery(version: int = 1, destination_id: int = 1) -> Delivery:
    return Delivery(make_instance(sop_instance_uid="1.2.3.4"), destination_id, version, 0)


def file(dataset: bytes | None = None, syntax_uid: str = EXPLICIT_LE.uid) -> FakeFile:
    from philae.dicom.part10 import write_meta

    return FakeFile(write_meta("1.2", "1.2.3.4", syntax_uid) + (dataset or ct_dataset("1.2.3.4")), syntax_uid)


def sent(outgoing: object) -> pydicom.Dataset:
    from io import BytesIO

    assert isinstance(outgoing, Outgoing)
    return pydicom.filereader.read_dataset(BytesIO(b"".join(outgoing.body.buffers())), False, True)


def test_without_a_project_the_bytes_go_out_as_they_came() -> None:
    transform = Transform(Versions(configuration(deidentified=False)), pseudonym_source)

    outgoing = transform(delivery(), file())

    assert isinstance(outgoing, Outgoing)
    assert b"".join(outgoing.body.buffers()) == ct_dataset("1.2.3.4")
    assert outgoing.sop_instance_uid == "1.2.3.4"


def test_with_a_project_uids_and_patient_are_new_and_the_announcement_says_so() -> None:
    transform = Transform(Versions(configuration()), pseudonym_source)

    outgoing = transform(delivery(), file())

    dataset = sent(outgoing)
    assert isinstance(outgoing, Outgoing)
    assert outgoing.sop_instance_uid == dataset.SOPInstanceUID != "1.2.3.4"
    assert outgoing.study_instance_uid == dataset.StudyInstanceUID != "1.2"
    assert dataset.PatientID != "P1"


def test_a_repeat_produces_the_same_bytes() -> None:
    transform = Transform(Versions(configuration()), pseudonym_source)
    attempt = delivery()

    first, second = transform(attempt, file()), transform(attempt, file())

    assert isinstance(first, Outgoing)
    assert isinstance(second, Outgoing)
    assert b"".join(first.body.buffers()) == b"".join(second.body.buffers())


def test_the_version_at_acceptance_decides_not_the_newest() -> None:
    versions = Versions(configuration(1), configuration(2, deidentified=False))
    transform = Transform(versions, pseudonym_source)

    old, new = transform(delivery(1), file()), transform(delivery(2), file())

    assert isinstance(old, Outgoing)
    assert isinstance(new, Outgoing)
    assert old.sop_instance_uid != "1.2.3.4"
    assert new.sop_instance_uid == "1.2.3.4"


def test_a_profile_is_compiled_once_even_when_many_lanes_ask_at_once() -> None:
    versions = Versions(configuration())
    transform = Transform(versions, pseudonym_source)
    threads = [Thread(target=transform, args=(delivery(), file())) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert versions.asked == [1]


def test_a_deflated_dataset_goes_out_deflated() -> None:
    import zlib

    stream = zlib.compressobj(wbits=-15)
    deflated = stream.compress(ct_dataset("1.2.3.4")) + stream.flush()
    transform = Transform(Versions(configuration()), pseudonym_source)

    outgoing = transform(delivery(), file(deflated, DEFLATED_LE.uid))

    assert isinstance(outgoing, Outgoing)
    plain = zlib.decompressobj(wbits=-15).decompress(b"".join(outgoing.body.buffers()))
    assert b"1.2.3.4\0" not in plain
    assert outgoing.sop_instance_uid.encode() in plain


def test_an_instance_without_patient_id_is_not_prepared() -> None:
    transform = Transform(Versions(configuration()), pseudonym_source)

    with pytest.raises(MissingPatientId):
        transform(delivery(), file(ct_dataset("1.2.3.4", patient_id="")))


def test_a_dataset_that_ends_early_is_not_prepared() -> None:
    transform = Transform(Versions(configuration()), pseudonym_source)

    with pytest.raises(DeidError):
        transform(delivery(), file(ct_dataset("1.2.3.4")[:-10]))


def test_a_destination_that_the_version_does_not_have_is_unroutable() -> None:
    with pytest.raises(Unroutable):
        Transform(Versions(configuration()), pseudonym_source)(delivery(destination_id=9), file())


def test_a_project_without_secret_is_unroutable() -> None:
    with pytest.raises(Unroutable, match="'Trial' has no secret"):
        Transform(Versions(configuration(secret=None)), pseudonym_source)(delivery(), file())


def test_a_profile_that_does_not_compile_prepares_nothing() -> None:
    broken = PROFILE.replace("basic.dicom.profile", "unknown.codename")

    with pytest.raises(ProfileFaults):
        Transform(Versions(configuration(profile=broken)), pseudonym_source)(delivery(), file())


def test_the_pseudonym_source_is_given_the_project() -> None:
    projects: list[Project] = []

    def source(settings: DerivedSettings, project: Project) -> object:
        projects.append(project)
        return pseudonym_source(settings, project)

    Transform(Versions(configuration()), source)(delivery(), file())  # type: ignore[arg-type]

    assert [(each.name, each.secret.hex()) for each in projects] == [("Trial", SECRET)]
