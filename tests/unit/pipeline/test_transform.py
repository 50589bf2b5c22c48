from __future__ import annotations

from pathlib import Path
from threading import Thread

import pydicom
import pytest

from philae.config.configuration import Configuration
from philae.config.deidentify import Deidentify, Morph, TripwirePolicy
from philae.config.destination import Destination
from philae.config.forward_node import ForwardNode
from philae.config.project import ProjectSettings, StoredProfile
from philae.config.web_services import WebServiceSettings
from philae.deid.errors import DeidError, MissingPatientId, ProfileFaults
from philae.deid.pixels.errors import BadPixels, UnusableMask
from philae.deid.profile import Project
from philae.deid.tripwire import IdentifierLeft
from philae.destinations.folder import FolderSettings
from philae.dicom.part10 import write_meta
from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_LE
from philae.pipeline.model import Delivery, Excluded, Outgoing
from philae.pipeline.outcome import TryAgain
from philae.pipeline.route import Unroutable
from philae.pipeline.transform import Transform
from philae.pseudonyms.derived import DerivedSettings
from philae.pseudonyms.web_services import ask
from tests.support.datasets import encode
from tests.support.engine import instance
from tests.support.fakes import FakeFile
from tests.support.images import GREY, dataset, pixels
from tests.support.instances import make_instance
from tests.support.lanes import ct_dataset
from tests.support.pseudonyms import pseudonym_source
from tests.support.scripted_http import Reply, of_type, scripted
from tests.support.trees import encoded, text

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
    version: int = 1,
    *,
    secret: str | None = SECRET,
    profile: str = PROFILE,
    deidentified: bool = True,
    tripwire: TripwirePolicy = "hold",
    transfer_syntax: str = "keep",
    morphed: bool = False,
) -> Configuration:
    deidentify = Deidentify(project="Trial", pseudonym=DerivedSettings(), tripwire=tripwire) if deidentified else None
    destination = Destination(
        id=1,
        name="out",
        deidentify=None if morphed else deidentify,
        morph=Morph(project="Trial") if morphed else None,
        transfer_syntax=transfer_syntax,
        settings=FolderSettings(path=Path("out")),
    )
    return Configuration(
        version=version,
        profiles=(StoredProfile(name="Everything", text=profile),),
        projects=(ProjectSettings(name="Trial", profile="Everything", secret=secret),),
        forward_nodes=(ForwardNode(ae_title="PHILAE", destinations=(destination,)),),
    )


def delivery(version: int = 1, destination_id: int = 1) -> Delivery:
    return Delivery(make_instance(sop_instance_uid="1.2.3.4"), destination_id, version, 0)


def file(dataset: bytes | None = None, syntax_uid: str = EXPLICIT_LE.uid) -> FakeFile:
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


ASKING = """
name: Everything
profileElements:
  - name: From the registry
    codename: action.replace.api
    arguments: {url: "http://127.0.0.1:PORT/p/{{getString(#Tag.PatientID)}}", responsePath: /trial, defaultValue: none}
    tags: [StudyDescription]
  - {name: Not reports, codename: expression.on.tags, tags: [Modality], arguments: {expr: "stringValue == 'SR' ? ExcludeInstance() : null"}}
  - {name: Basic, codename: basic.dicom.profile}
"""


def asking(
    port: int,
    *,
    allowed_hosts: tuple[str, ...] = ("127.0.0.1",),
    attempts: int = 3,
    default: str = ", defaultValue: none",
) -> Versions:
    settings = WebServiceSettings(allowed_hosts=allowed_hosts, attempts=attempts)
    profile = ASKING.replace("PORT", str(port)).replace(", defaultValue: none", default)
    return Versions(configuration(profile=profile).model_copy(update={"web_services": settings}))


def described(modality: str = "CT") -> FakeFile:
    tree = instance(text(0x00080060, "CS", modality), text(0x00081030, "LO", "Head"), text(0x0020000D, "UI", "1.2"))
    return file(bytes(encoded(tree).source))


def test_a_profile_gets_what_web_services_know() -> None:
    with scripted(of_type("application/json", '{"trial": "T-7"}')) as server:
        transform = Transform(asking(server.port), pseudonym_source, ask)
        outgoings = [transform(delivery(), described()) for _ in range(3)]

    assert [sent(outgoing).StudyDescription for outgoing in outgoings] == ["T-7"] * 3
    assert [asked.path for asked in server.asked] == ["/p/PATIENT-1"]


def test_a_service_that_may_not_be_asked_gives_the_default() -> None:
    with scripted(of_type("application/json", '{"trial": "T-7"}')) as server:
        outgoing = Transform(asking(server.port, allowed_hosts=()), pseudonym_source, ask)(delivery(), described())

    assert sent(outgoing).StudyDescription == "none"
    assert not server.asked


@pytest.mark.parametrize("status, expected", [(503, TryAgain), (404, DeidError)])
def test_without_a_default_time_or_a_person_must_help(status: int, expected: type[Exception]) -> None:
    with scripted(Reply(status)) as server:
        versions = asking(server.port, attempts=1, default="")
        with pytest.raises(expected, match=str(status)):
            Transform(versions, pseudonym_source, ask)(delivery(), described())


def test_without_anyone_to_ask_such_an_instance_is_held() -> None:
    with pytest.raises(DeidError, match="web services"):
        Transform(asking(1), pseudonym_source)(delivery(), described())


def test_an_instance_that_the_profile_excludes_goes_nowhere_and_asks_nobody() -> None:
    with scripted(of_type("application/json", "{}")) as server:
        excluded = Transform(asking(server.port), pseudonym_source, ask)(delivery(), described("SR"))

    assert excluded == Excluded("Instance excluded by profile: Not reports")


def leaky() -> FakeFile:
    from tests.support.datasets import encode, make_dataset

    return file(encode(make_dataset("1.2.3.4", PatientName="Featherstone^Ada", ConvolutionKernel="Featherstone")))


def test_an_instance_with_an_identifier_left_is_held() -> None:
    transform = Transform(Versions(configuration()), pseudonym_source)

    with pytest.raises(IdentifierLeft, match=r"\(0018,1210\) ConvolutionKernel .*no rule speaks of it"):
        transform(delivery(), leaky())


def test_an_instance_with_an_identifier_left_goes_with_a_warning_where_that_is_wanted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    transform = Transform(Versions(configuration(tripwire="warn")), pseudonym_source)

    outgoing = transform(delivery(), leaky())

    (warning,) = caplog.records
    assert isinstance(outgoing, Outgoing)
    assert warning.message == "delivery.identifier_left"
    assert "(0018,1210)" in warning.__dict__["reason"]
    assert "feather" not in str(warning.__dict__).casefold()


def test_nobody_looks_where_the_tripwire_is_off(caplog: pytest.LogCaptureFixture) -> None:
    transform = Transform(Versions(configuration(tripwire="off")), pseudonym_source)

    assert isinstance(transform(delivery(), leaky()), Outgoing)
    assert caplog.records == []


MASKING = """
name: Everything
profileElements:
  - {name: Clean, codename: clean.pixel.data}
  - {name: Basic, codename: basic.dicom.profile}
masks:
  - {stationName: STATION, color: "000000", rectangles: ["0 0 9 9"]}
"""
RLE = "1.2.840.10008.1.2.5"


def image(**changes: object) -> FakeFile:
    return file(encode(dataset(GREY, pixels(GREY), **changes)))


def received(outgoing: object) -> pydicom.Dataset:
    from io import BytesIO

    assert isinstance(outgoing, Outgoing)
    meta = write_meta(outgoing.sop_class_uid, outgoing.sop_instance_uid, outgoing.transfer_syntax_uid)
    return pydicom.dcmread(BytesIO(meta + b"".join(outgoing.body.buffers())))


def test_masked_pixels_go_out_and_the_record_says_which_mask() -> None:
    outgoing = Transform(Versions(configuration(profile=MASKING)), pseudonym_source)(delivery(), image())

    found = received(outgoing)
    assert isinstance(outgoing, Outgoing)
    assert outgoing.remark.startswith("mask sha256:")
    assert not found.pixel_array[:10, :10].any()
    assert (found.pixel_array[10:] == pixels(GREY)[0, 10:]).all()


def test_an_image_that_no_mask_fits_is_not_prepared() -> None:
    with pytest.raises(UnusableMask):
        Transform(Versions(configuration(profile=MASKING)), pseudonym_source)(delivery(), image(StationName="OTHER"))


@pytest.mark.parametrize("deidentified", [True, False])
def test_an_image_goes_out_in_the_transfer_syntax_of_its_destination(deidentified: bool) -> None:
    versions = Versions(configuration(deidentified=deidentified, transfer_syntax=RLE))

    outgoing = Transform(versions, pseudonym_source)(delivery(), image())

    found = received(outgoing)
    assert found.file_meta.TransferSyntaxUID == RLE
    assert (found.pixel_array == pixels(GREY)[0]).all()
    assert isinstance(outgoing, Outgoing)
    assert outgoing.remark == ""


def test_an_image_that_cannot_be_encoded_is_not_prepared() -> None:
    versions = Versions(configuration(deidentified=False, transfer_syntax=RLE))

    with pytest.raises(BadPixels):
        Transform(versions, pseudonym_source)(delivery(), image(Rows=1000))


def test_without_room_for_new_pixels_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("philae.deid.pixels.content.Scratch.append", full)
    versions = Versions(configuration(deidentified=False, transfer_syntax=RLE))

    with pytest.raises(TryAgain, match="No space left on device; free space in TMPDIR"):
        Transform(versions, pseudonym_source)(delivery(), image())


MORPHING = """
name: Everything
profileElements:
  - {name: Trial, codename: expression.on.tags, tags: [StudyDescription], arguments: {expr: "Replace('T-7')"}}
  - {name: Number, codename: expression.on.tags, tags: [AccessionNumber], arguments: {expr: "Replace('A-9')"}}
  - {name: Not reports, codename: expression.on.tags, tags: [Modality], arguments: {expr: "stringValue == 'SR' ? ExcludeInstance() : null"}}
"""


def morphing(profile: str = MORPHING, transfer_syntax: str = "keep") -> Transform:
    versions = Versions(configuration(profile=profile, morphed=True, transfer_syntax=transfer_syntax))
    return Transform(versions, pseudonym_source, ask)


def full(**changes: object) -> FakeFile:
    from tests.support.datasets import make_dataset

    return file(encode(make_dataset("1.2.3.4", AccessionNumber="A-1", StudyDescription="Head", **changes)))


def test_morphing_changes_what_the_profile_names_and_nothing_else() -> None:
    came = sent(Transform(Versions(configuration(deidentified=False)), pseudonym_source)(delivery(), full()))

    outgoing = morphing()(delivery(), full())

    left = sent(outgoing)
    assert (left.StudyDescription, left.AccessionNumber) == ("T-7", "A-9")
    assert {each.keyword for each in left if each != came.get(each.tag)} == {"StudyDescription", "AccessionNumber"}
    assert len(left) == len(came)


def test_what_a_morphed_instance_is_called_now_is_recorded() -> None:
    outgoing = morphing()(delivery(), full())

    assert isinstance(outgoing, Outgoing)
    assert outgoing.names is not None
    assert outgoing.names.accession_number == "A-9"
    assert outgoing.names.sop_instance_uid == outgoing.sop_instance_uid == "1.2.3.4"


def test_a_morphed_instance_needs_no_patient_id() -> None:
    assert sent(morphing()(delivery(), full(PatientID=""))).StudyDescription == "T-7"


def test_morphing_excludes_what_its_profile_excludes() -> None:
    assert morphing()(delivery(), full(Modality="SR")) == Excluded("Instance excluded by profile: Not reports")


def test_a_morphed_image_goes_out_in_the_transfer_syntax_of_its_destination() -> None:
    found = received(morphing(transfer_syntax=RLE)(delivery(), image(StudyDescription="Head")))

    assert (found.StudyDescription, found.file_meta.TransferSyntaxUID) == ("T-7", RLE)
    assert (found.pixel_array == pixels(GREY)[0]).all()


def test_morphing_that_takes_the_instances_name_away_is_not_prepared() -> None:
    profile = MORPHING.replace(
        "tags: [AccessionNumber], arguments: {expr: \"Replace('A-9')\"}",
        'tags: [SOPInstanceUID], arguments: {expr: "Remove()"}',
    )

    with pytest.raises(DeidError, match="SOP Instance UID"):
        morphing(profile)(delivery(), full())


def test_morphing_asks_web_services_as_de_identification_does() -> None:
    with scripted(of_type("application/json", '{"trial": "T-8"}')) as server:
        profile = ASKING.replace("PORT", str(server.port)).replace(
            "  - {name: Basic, codename: basic.dicom.profile}\n", ""
        )
        settings = WebServiceSettings(allowed_hosts=("127.0.0.1",))
        versions = Versions(configuration(profile=profile, morphed=True).model_copy(update={"web_services": settings}))
        outgoing = Transform(versions, pseudonym_source, ask)(delivery(), described())

    assert sent(outgoing).StudyDescription == "T-8"
