"""Delivery into a bucket of an S3 server, and to servers that are none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from philae.destinations.s3 import S3Settings, s3_sender
from philae.pipeline.model import Outgoing, Receipt
from philae.pipeline.outcome import Refused, State, TryAgain
from philae.pipeline.ports import Sender
from tests.support.buckets import Bucket, bucket
from tests.support.deliveries import deliveries
from tests.support.documents import document, node
from tests.support.gateway import Gateway
from tests.support.lanes import ANSWER, ct_dataset, make_node, outgoing_of
from tests.support.receivers import delivered
from tests.support.scans import assert_deidentified, scans
from tests.support.scripted_http import Reply, of_type, scripted
from tests.support.senders import finished, storescu


@pytest.fixture(scope="module")
def server() -> Iterator[Bucket]:
    with bucket() as running:
        yield running


@pytest.fixture
def empty(server: Bucket) -> Bucket:
    server.reset()
    return server


@contextmanager
def sender_to(settings: dict[str, Any]) -> Iterator[Sender]:
    sender = s3_sender(S3Settings.model_validate(settings), make_node())
    try:
        yield sender
    finally:
        sender.close()


def sent(settings: dict[str, Any], *outgoings: Outgoing) -> list[ANSWER]:
    with sender_to(settings) as sender:
        return delivered(sender, *outgoings)


def refused_put(status: int, code: str) -> Reply:
    return of_type("application/xml", f"<Error><Code>{code}</Code></Error>", status)


def test_keys_are_made_of_prefix_and_layout(empty: Bucket) -> None:
    sent(empty.settings(prefix="trial/{Modality}", layout="{SOPInstanceUID}"), outgoing_of(1, ct_dataset()))

    assert empty.keys() == ["trial/CT/1.2.3.4"]


def test_an_object_is_a_part_10_file(empty: Bucket) -> None:
    outgoing = outgoing_of(1, ct_dataset())

    sent(empty.settings(), outgoing)

    (content,) = empty.objects().values()
    assert content[128:132] == b"DICM"
    assert content.endswith(b"".join(outgoing.body.buffers()))


@pytest.mark.parametrize("size", [64, 20 << 20])
def test_nothing_is_overwritten_and_the_same_bytes_are_already_present(empty: Bucket, size: int) -> None:
    first, second = (outgoing_of(number, ct_dataset(pixels=bytes([number]) * size)) for number in (1, 2))

    answers = sent(empty.settings(), first, second, second)

    assert answers == [
        Receipt(State.SENT, "1.2/1.2.3/1.2.3.4.dcm"),
        Receipt(State.SENT, "1.2/1.2.3/1.2.3.4.2.dcm"),
        Receipt(State.ALREADY_PRESENT, "1.2/1.2.3/1.2.3.4.2.dcm"),
    ]
    assert [content[-1] for content in empty.objects().values()] == [2, 1]


def test_a_bucket_that_is_not_there_is_said_as_such(empty: Bucket) -> None:
    with pytest.raises(TryAgain, match="no such bucket"):
        sent(empty.settings(bucket="nowhere"), outgoing_of(1, ct_dataset()))


@pytest.mark.parametrize(
    "reply, words",
    [
        (refused_put(403, "AccessDenied"), "AccessDenied; check the keys"),
        (refused_put(401, "Unauthorized"), "check the keys"),
        (refused_put(400, "AuthorizationHeaderMalformed"), "400 Bad Request AuthorizationHeaderMalformed"),
        (refused_put(503, "SlowDown"), "503 Service Unavailable SlowDown"),
        (Reply(500), "500 Internal Server Error"),
        (Reply(0, hang_up=True), "no connection"),
        (Reply(hang=True), "no answer in time"),
    ],
)
def test_what_the_bucket_says_of_all_stops_the_destination_without_a_word_of_the_instance(
    reply: Reply, words: str
) -> None:
    with scripted(reply) as denying:
        settings = {
            "bucket": "studies",
            "endpoint": f"http://127.0.0.1:{denying.port}",
            "access_key_id": "known",
            "secret_access_key": "hidden",
            "response_timeout_s": 0.3,
        }
        with pytest.raises(TryAgain, match=words) as caught:
            sent(settings, outgoing_of(1, ct_dataset("1.2.99")))

    assert not any(secret in str(caught.value) for secret in ("hidden", "1.2.99"))


def test_what_the_bucket_says_of_one_object_fails_that_instance() -> None:
    with scripted(refused_put(400, "KeyTooLongError")) as refusing:
        settings = {"bucket": "studies", "endpoint": f"http://127.0.0.1:{refusing.port}"}
        (answer,) = sent({**settings, "access_key_id": "a", "secret_access_key": "b"}, outgoing_of(1, ct_dataset()))

    assert isinstance(answer, Refused)
    assert "KeyTooLongError" in str(answer)


def test_an_authority_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = {"bucket": "studies", "endpoint": "https://127.0.0.1:1", "authority": str(tmp_path / "nowhere.pem")}

    with pytest.raises(TryAgain, match=r"nowhere\.pem"):
        sent(settings, outgoing_of(1, ct_dataset()))


def test_a_gateway_fills_a_bucket_and_only_reports_where_nothing_is_to_go(empty: Bucket, tmp_path: Path) -> None:
    sent_scans = scans(tmp_path / "sent", patients=1, series=1, slices=3, size=64)
    into_bucket = {"name": "lake", "target": "LAKE", "deidentify": {"project": "Trial"}}
    other_class = {**into_bucket, "name": "ct only", "sop_classes": ["CT Image Storage"]}
    others = {**into_bucket, "name": "condition", "condition": "tagValueIsPresent(#Tag.Modality, 'CT')"}
    unclear = {
        **into_bucket,
        "name": "unclear",
        "condition": "tagIsPresent(#Tag.Modality) ? tagValues(#Tag.Modality)[0] : false",
    }
    nowhere = {"name": "nowhere", "kind": "report_only"}
    text = document(node(into_bucket, other_class, others, unclear, nowhere))
    targets = yaml.safe_dump({"targets": [{"name": "LAKE", "kind": "s3", **empty.settings()}]})

    with Gateway(tmp_path / "data", text + targets) as gateway:
        finished([storescu(gateway.port, [scan.path for scan in sent_scans])])
        gateway.settled()
        found = [(each.destination, each.state) for each in deliveries(gateway.data)]

    excluded = {"ct only": State.EXCLUDED, "condition": State.EXCLUDED}
    expected = {"lake": State.SENT, **excluded, "unclear": State.HELD, "nowhere": State.SIMULATED}
    assert sorted(found) == sorted([*expected.items()] * len(sent_scans))
    received = tmp_path / "received"
    received.mkdir()
    for number, content in enumerate(empty.objects().values()):
        (received / str(number)).write_bytes(content)
    assert_deidentified(list(received.iterdir()), sent_scans)
