from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from philae.destinations.stow import StowSender, StowSettings
from philae.destinations.stow.credentials import tokens_of
from philae.pipeline.model import Outgoing, Receipt
from philae.pipeline.outcome import Busy, Refused, State, TryAgain
from tests.support.lanes import ANSWER, ct_dataset, make_node, outgoing_of
from tests.support.listening import certificates
from tests.support.receivers import delivered
from tests.support.scripted_http import JSON, XML, Asked, Reply, ScriptedServer, of_type, scripted, stored

UIDS = [f"1.2.3.{number}" for number in range(10)]


def some(count: int, **changes: Any) -> list[Outgoing]:
    return [outgoing_of(number, ct_dataset(UIDS[number], **changes)) for number in range(count)]


def sent(server: ScriptedServer, *outgoings: Outgoing, **settings: Any) -> list[ANSWER]:
    sender = StowSender(StowSettings(url=server.url, **settings), make_node())
    try:
        return delivered(sender, *outgoings)
    finally:
        sender.close()


def all_stored(_number: int, asked: Asked) -> Reply:
    return stored([uid for uid in UIDS if uid.encode() in asked.body])


def test_batches_are_bounded_by_count() -> None:
    with scripted(all_stored) as server:
        answers = sent(server, *some(5), batch_instances=2)

    assert [len(asked.instances) for asked in server.asked] == [2, 2, 1]
    assert all(isinstance(each, Receipt) and each.state is State.SENT for each in answers)


def test_batches_are_bounded_by_bytes_and_a_larger_instance_goes_alone() -> None:
    small, large = some(5), outgoing_of(9, ct_dataset(UIDS[9], pixels=bytes(2000)))

    with scripted(all_stored) as server:
        sent(server, *small[:2], large, *small[2:], batch_bytes=1000)

    assert [len(asked.instances) for asked in server.asked] == [2, 1, 3]


def test_a_part_is_a_part_10_file_and_the_request_says_what_it_is() -> None:
    (outgoing,) = some(1)

    with scripted(all_stored) as server:
        sent(server, outgoing)

    (asked,) = server.asked
    assert asked.path == "/dicom-web/studies"
    assert asked.headers["content-type"].startswith('multipart/related; type="application/dicom"; boundary=')
    assert asked.headers["content-length"] == str(len(asked.body))
    assert asked.instances[0][128:132] == b"DICM"
    assert asked.instances[0].endswith(b"".join(outgoing.body.buffers()))


def test_one_connection_carries_all_batches() -> None:
    with scripted(all_stored) as server:
        sent(server, *some(3), batch_instances=1)

    assert len({asked.connection for asked in server.asked}) == 1


def test_the_answer_decides_for_each_instance() -> None:
    reply = stored(UIDS[:1], {UIDS[1]: 0xC000, UIDS[2]: 0x0111, UIDS[3]: None}, status=202)

    with scripted(reply) as server:
        answers = sent(server, *some(4))

    assert [type(each) for each in answers] == [Receipt, Refused, Receipt, Refused]
    assert answers[2] == Receipt(State.ALREADY_PRESENT, "0111H duplicate SOP instance", "0111H")
    assert str(answers[1]) == "C000H cannot understand"


def test_what_was_stored_is_said_before_what_must_be_tried_again() -> None:
    reply = stored([UIDS[1]], {UIDS[0]: 0xA700}, status=202)
    first, second = some(2)

    with scripted(reply) as server:
        sender = StowSender(StowSettings(url=server.url), make_node())
        ends = list(sender.deliver(set(), iter([first, second])))
        sender.close()

    assert [outgoing for outgoing, _ in ends] == [second, first]
    assert isinstance(ends[1][1], Busy)


def test_a_warning_is_kept_as_the_words_of_the_receipt() -> None:
    with scripted(stored(UIDS[:1], warning=0xB000)) as server:
        (answer,) = sent(server, *some(1))

    assert answer == Receipt(State.SENT, "B000H stored, coercion of data elements", "B000H")


def test_an_answer_in_xml_counts_as_one_in_json() -> None:
    xml = (
        '<?xml version="1.0" encoding="utf-8"?><NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">'
        '<DicomAttribute tag="00081199" vr="SQ"><Item number="1"><DicomAttribute tag="00081155" vr="UI">'
        f'<Value number="1">{UIDS[0]}</Value></DicomAttribute></Item></DicomAttribute>'
        '<DicomAttribute tag="00081198" vr="SQ"><Item number="1"><DicomAttribute tag="00081155" vr="UI">'
        f'<Value number="1">{UIDS[1]}</Value></DicomAttribute><DicomAttribute tag="00081197" vr="US">'
        '<Value number="1">43264</Value></DicomAttribute></Item></DicomAttribute></NativeDicomModel>'
    )

    with scripted(of_type(XML, xml, 202)) as server:
        answers = sent(server, *some(2))

    assert answers[0] == Receipt(State.SENT, "stored")
    assert str(answers[1]) == "A900H dataset does not match SOP class"


def test_200_without_a_word_means_all_of_it() -> None:
    with scripted(Reply(200)) as server:
        answers = sent(server, *some(2))

    assert answers == [Receipt(State.SENT, "200 OK", "HTTP 200")] * 2


@pytest.mark.parametrize(
    "reply",
    [
        of_type("text/html", "<html>Welcome, please log in</html>"),
        of_type("text/html", "", 302),
        of_type(JSON, "{"),
        of_type(JSON, "[1, 2]"),
        of_type(JSON, '"text"'),
        of_type(JSON, "[" * 100_000),
        of_type(XML, "<a>"),
        of_type(XML, "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        of_type(JSON, b"\xff\xfe{}"),
        Reply(200, b"something"),
        Reply(401),
    ],
)
def test_an_answer_that_is_none_of_a_stow_service_stops_the_destination_not_the_instance(reply: Reply) -> None:
    with scripted(reply) as server, pytest.raises(TryAgain, match="cannot"):
        sent(server, *some(2))

    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_a_batch_refused_as_a_whole_is_sent_one_by_one_so_that_one_instance_fails_alone(status: int) -> None:
    def answer(_number: int, asked: Asked) -> Reply:
        return Reply(status) if UIDS[1].encode() in asked.body else all_stored(_number, asked)

    with scripted(answer) as server:
        answers = sent(server, *some(3))

    assert [type(each) for each in answers] == [Receipt, Refused, Receipt]
    assert str(answers[1]).startswith(str(status))
    assert [len(asked.instances) for asked in server.asked] == [3, 1, 1, 1]


@pytest.mark.parametrize("status", [403, 404])
def test_what_is_said_of_the_whole_destination_is_not_asked_again_for_each_instance(status: int) -> None:
    with scripted(Reply(status)) as server:
        answers = sent(server, *some(3))

    assert all(isinstance(each, Refused) for each in answers)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [408, 425, 500, 502, 504])
def test_a_fault_of_the_server_is_tried_again(status: int) -> None:
    with scripted(Reply(status)) as server:
        (answer,) = sent(server, *some(1))

    assert isinstance(answer, TryAgain)
    assert not isinstance(answer, Busy)


@pytest.mark.parametrize("status", [429, 503, 507])
def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(status: int) -> None:
    with scripted(Reply(status, headers={"Retry-After": "77"})) as server:
        answer = sent(server, *some(3))[0]

    assert isinstance(answer, Busy)
    assert answer.after_s == 77
    assert len(server.asked) == 1


def test_a_server_that_hangs_is_given_up_after_the_response_timeout() -> None:
    with scripted(Reply(hang=True)) as server:
        (answer,) = sent(server, *some(1), response_timeout_s=0.05)

    assert isinstance(answer, TryAgain)
    assert "0.05 s" in str(answer)


@pytest.mark.parametrize("reply", [stored(UIDS[:1]), Reply(200), Reply(202), Reply(409)])
def test_an_answer_that_was_cut_is_no_answer(reply: Reply) -> None:
    cut = Reply(reply.status, reply.body, reply.headers, cut=10)

    with scripted(cut) as server:
        (answer,) = sent(server, *some(1))

    assert isinstance(answer, TryAgain)


def test_a_server_that_hangs_up_in_a_batch_gets_the_instances_one_by_one() -> None:
    def answer(_number: int, asked: Asked) -> Reply:
        poison = UIDS[1].encode() in asked.body
        return Reply(status=0, hang_up=True) if poison else all_stored(_number, asked)

    with scripted(answer) as server:
        answers = sent(server, *some(2))

    assert [type(each) for each in answers] == [Receipt, TryAgain]


def test_a_connection_that_was_closed_while_idle_costs_nothing() -> None:
    def answer(number: int, asked: Asked) -> Reply:
        reply = all_stored(number, asked)
        return Reply(reply.status, reply.body, reply.headers, hang_up=number == 1)

    with scripted(answer) as server:
        answers = sent(server, *some(2), batch_instances=1)

    assert all(isinstance(each, Receipt) for each in answers)


def test_202_that_does_not_name_an_instance_is_no_receipt_for_it() -> None:
    with scripted(stored(UIDS[:1], status=202)) as server:
        answers = sent(server, *some(2))

    assert [type(each) for each in answers] == [Receipt, TryAgain]


@pytest.mark.parametrize(
    "found, expected",
    [
        (of_type(JSON, json.dumps([{"00080018": {"vr": "UI", "Value": [UIDS[0]]}}])), State.ALREADY_PRESENT),
        (of_type(JSON, json.dumps([{"00080018": {"vr": "UI", "Value": ["9.9"]}}])), None),
        (of_type(JSON, "{}"), None),
        (Reply(204), None),
        (Reply(500), None),
    ],
)
def test_a_conflict_is_looked_up_when_asked_for(found: Reply, expected: State | None) -> None:
    with scripted(lambda _, asked: found if asked.method == "GET" else Reply(409)) as server:
        (answer,) = sent(server, *some(1), look_up=True)

    assert getattr(answer, "state", None) is expected
    assert server.asked[1].path == f"/dicom-web/studies/1.2/instances?SOPInstanceUID={UIDS[0]}"


def test_no_query_is_sent_unless_asked_for() -> None:
    with scripted(Reply(409)) as server:
        (answer,) = sent(server, *some(1))

    assert isinstance(answer, Refused)
    assert [asked.method for asked in server.asked] == ["POST"]


@pytest.mark.parametrize(
    "settings, expected",
    [
        ({"basic": {"username": "u", "password": "p"}}, {"authorization": "Basic dTpw"}),
        ({"token": "abc"}, {"authorization": "Bearer abc"}),
        ({"headers": {"X-One": "1", "X-Two": "2"}}, {"x-one": "1", "x-two": "2"}),
        (
            {"headers": "<key>Authorization</key><value>Bearer abc</value>\n<key>X-Two</key><value>2</value>"},
            {"authorization": "Bearer abc", "x-two": "2"},
        ),
    ],
)
def test_every_request_says_who_we_are(settings: dict[str, Any], expected: dict[str, str]) -> None:
    with scripted(all_stored) as server:
        sent(server, *some(1), **settings)

    assert expected.items() <= server.asked[0].headers.items()


def oauth(archive: Callable[[int, Asked], Reply], expires_in: int = 3600) -> Callable[[int, Asked], Reply]:
    granted: list[str] = []

    def answer(number: int, asked: Asked) -> Reply:
        if asked.path != "/token":
            return archive(number, asked)
        granted.append(f"token{len(granted) + 1}")
        return of_type("application/json", json.dumps({"access_token": granted[-1], "expires_in": expires_in}))

    return answer


def client(server: ScriptedServer, **changes: Any) -> dict[str, Any]:
    tokens_of.cache_clear()
    url = f"http://127.0.0.1:{server.port}/token"
    return {"token_url": url, "client_id": "the:gateway", "client_secret": "s&p", "scope": "dicom write", **changes}


def test_a_token_is_asked_for_once_and_reused_by_all_connections() -> None:
    with scripted(oauth(all_stored)) as server:
        settings = client(server)
        sent(server, *some(2), batch_instances=1, oauth2=settings)
        sent(server, *some(1), oauth2=settings)

    tokens, posts = (
        [asked for asked in server.asked if (asked.path == "/token") is wanted] for wanted in (True, False)
    )
    assert len(tokens) == 1
    assert parse_qs(tokens[0].body.decode()) == {"grant_type": ["client_credentials"], "scope": ["dicom write"]}
    assert tokens[0].headers["authorization"] == "Basic dGhlJTNBZ2F0ZXdheTpzJTI2cA=="
    assert {asked.headers["authorization"] for asked in posts} == {"Bearer token1"}


def test_a_token_that_is_about_to_expire_is_renewed() -> None:
    with scripted(oauth(all_stored, expires_in=0)) as server:
        sent(server, *some(2), batch_instances=1, oauth2=client(server))

    assert [asked.headers["authorization"] for asked in server.asked if asked.path != "/token"] == [
        "Bearer token1",
        "Bearer token2",
    ]


def test_401_renews_the_token_once() -> None:
    def archive(number: int, asked: Asked) -> Reply:
        return Reply(401) if asked.headers["authorization"] == "Bearer token1" else all_stored(number, asked)

    with scripted(oauth(archive)) as server:
        (answer,) = sent(server, *some(1), oauth2=client(server))

    assert isinstance(answer, Receipt)
    assert [asked.path for asked in server.asked] == ["/token", "/dicom-web/studies"] * 2


def test_401_again_stops_the_destination() -> None:
    with (
        scripted(oauth(lambda _number, _asked: Reply(401))) as server,
        pytest.raises(TryAgain, match="check the credentials"),
    ):
        sent(server, *some(1), oauth2=client(server))

    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "reply, words",
    [
        (of_type("application/json", '{"error": "invalid_client"}', 401), "401 invalid_client"),
        (Reply(500), "it says 500;"),
        (of_type("application/json", "[]"), "holds no token"),
        (Reply(0, hang_up=True), "cannot get a token"),
    ],
)
def test_no_token_stops_the_destination_and_says_why(reply: Reply, words: str) -> None:
    with scripted(reply) as server, pytest.raises(TryAgain, match=words) as caught:
        sent(server, *some(1), oauth2=client(server))

    assert "s&p" not in str(caught.value)
    assert all(asked.path == "/token" for asked in server.asked)


def test_tls_with_certificates_on_both_sides(tmp_path: Path) -> None:
    files = certificates(tmp_path)

    with scripted(all_stored, files.server) as server:
        server_url = f"https://127.0.0.1:{server.port}/dicom-web"
        sender = StowSender(StowSettings.model_validate({"url": server_url, "tls": files.settings}), make_node())
        large = outgoing_of(3, ct_dataset(UIDS[3], pixels=bytes(range(256)) * 10_000))
        answers = delivered(sender, *some(1), large)
        sender.close()

    assert all(isinstance(each, Receipt) for each in answers)
    assert server.asked[0].instances[1].endswith(b"".join(large.body.buffers()))


def test_a_server_that_nobody_vouches_for_is_told_nothing(tmp_path: Path) -> None:
    with scripted(all_stored, certificates(tmp_path).server) as server:
        settings = StowSettings(url=f"https://127.0.0.1:{server.port}", token="abc")
        with pytest.raises(TryAgain, match="certificate is not trusted"):
            delivered(StowSender(settings, make_node()), *some(1))

    assert server.asked == []


def test_no_name_and_no_route_is_said_as_such() -> None:
    sender = StowSender(StowSettings(url="http://no-such-host.invalid/dicom-web"), make_node())

    with pytest.raises(TryAgain, match=r"cannot connect to no-such-host.invalid:80"):
        delivered(sender, *some(1))
