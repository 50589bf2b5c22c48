from __future__ import annotations

import hmac
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from philae.deid.errors import InvalidSecret, MissingPatientId
from philae.deid.keys import Keys, derived_pseudonym, format_secret, parse_secret
from philae.deid.profile import Project
from tests.support.golden import golden

SECRET = "0123456789abcdef0123456789abcdef"
HMAC_VECTORS = golden("running", "hmac")["vectors"]


def keys_of(vector: dict[str, Any]) -> Keys:
    return Keys(parse_secret(vector["key"]))


@pytest.mark.parametrize("vector", golden("unit_test", "hmac_sha256"))
def test_digest_equals_karnaks(vector: dict[str, Any]) -> None:
    assert keys_of(vector).digest(vector["input"].encode()).hex() == vector["hex"]


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=200))
def test_digest_is_rfc_2104(secret: bytes, message: bytes) -> None:
    assert Keys(secret).digest(message) == hmac.digest(secret, message, "sha256")


@pytest.mark.parametrize("vector", golden("unit_test", "uid_hash") + golden("running", "uid_blank"))
def test_uid_equals_karnaks(vector: dict[str, Any]) -> None:
    assert keys_of(vector).uid(vector["input"]) == (vector["uid"] or "")


@pytest.mark.parametrize("vector", golden("unit_test", "scale_hash"))
def test_scale_equals_karnaks(vector: dict[str, Any]) -> None:
    assert keys_of(vector).scale(vector["input"], vector["min"], vector["max"]) == vector["value"]


@pytest.mark.parametrize("vector", HMAC_VECTORS)
def test_every_hash_of_a_text_equals_karnaks(vector: dict[str, Any]) -> None:
    # given
    keys, text = keys_of(vector), vector["input"]
    ranges = {name: name.removeprefix("scale_").split("_") for name in vector if name.startswith("scale_")}

    # when
    hashes = {
        "hmac_sha256": keys.digest(text.encode()).hex(),
        "uid": keys.uid(text) or None,
        "patient_id": keys.patient_id(text),
    } | {name: keys.scale(text, int(low), int(high)) for name, (low, high) in ranges.items()}

    # then
    assert hashes == {name: vector[name] for name in hashes}


@pytest.mark.parametrize("vector", HMAC_VECTORS)
def test_us_ascii_continues_what_releases_up_to_1_1_1_hashed(vector: dict[str, Any]) -> None:
    keys = Keys(parse_secret(vector["key"]), "us-ascii")
    digest = bytes.fromhex(vector["hmac_sha256_us_ascii"])

    assert keys.patient_id(vector["input"]) == f"{int.from_bytes(digest[:16], 'big'):X}"


@pytest.mark.parametrize("vector", golden("running", "patient_id_leading_zero"))
def test_patient_id_has_no_leading_zeros(vector: dict[str, Any]) -> None:
    assert keys_of(vector).patient_id(vector["pseudonym"]) == vector["patient_id"]


@given(st.text(min_size=1))
def test_uid_is_a_valid_uid_for_any_text(text: str) -> None:
    uid = Keys(parse_secret(SECRET)).uid(text)

    assert re.fullmatch(r"2\.25\.[1-9][0-9]{0,38}", uid) or (not text.strip() and uid == "")


def test_text_that_no_encoding_holds_is_hashed_all_the_same() -> None:
    assert Keys(parse_secret(SECRET)).uid("1.2.\udc80") == Keys(parse_secret(SECRET)).uid("1.2.?")


@pytest.mark.parametrize("text", golden("unit_test", "hex_key")["valid"])
def test_secret_may_hold_dashes_anywhere(text: str) -> None:
    assert parse_secret(text) == bytes.fromhex(text.replace("-", ""))


@pytest.mark.parametrize(
    "text",
    golden("unit_test", "hex_key")["invalid"]
    + [vector["in"] for vector in golden("unit_test", "hex_key")["parse"]]
    + [SECRET + "\n", "\uff10" * 32],
)
def test_secret_of_another_length_or_alphabet_is_refused(text: str) -> None:
    with pytest.raises(InvalidSecret, match="32 hexadecimal digits"):
        parse_secret(text)


@pytest.mark.parametrize("vector", golden("unit_test", "hex_key")["display"])
def test_secret_is_shown_as_five_groups(vector: dict[str, str]) -> None:
    assert format_secret(bytes.fromhex(vector["hex"])) == vector["display"]


@given(st.binary(min_size=16, max_size=16))
def test_shown_secret_reads_as_itself(secret: bytes) -> None:
    assert parse_secret(format_secret(secret)) == secret


def test_project_refuses_a_short_secret_and_never_shows_one() -> None:
    with pytest.raises(InvalidSecret):
        Project("Trial", b"short")

    assert SECRET not in repr(Project("Trial", parse_secret(SECRET)))
    assert str(parse_secret(SECRET)) not in repr(Project("Trial", parse_secret(SECRET)))


def test_derived_pseudonym_stays_the_same_over_releases() -> None:
    keys = Keys(parse_secret(SECRET))

    assert derived_pseudonym(keys, "P1") == "P-SKRW-VXPR-MVA8"
    assert derived_pseudonym(keys, "P1", "A") == "P-WAVD-7397-7FMW"


@given(st.text(min_size=1).filter(str.strip), st.text())
def test_derived_pseudonym_is_readable_and_repeatable(patient_id: str, issuer: str) -> None:
    pseudonym = derived_pseudonym(Keys(parse_secret(SECRET)), patient_id, issuer)

    assert re.fullmatch(r"P(-[0-9A-HJKMNP-TV-Z]{4}){3}", pseudonym)
    assert derived_pseudonym(Keys(parse_secret(SECRET)), patient_id, issuer) == pseudonym


def test_derived_pseudonym_tells_patient_issuer_and_secret_apart() -> None:
    # given
    keys, other_keys = Keys(parse_secret(SECRET)), Keys(parse_secret("f" * 32))

    # when
    pseudonyms = [
        derived_pseudonym(keys, "AB", "C"),
        derived_pseudonym(keys, "A", "BC"),
        derived_pseudonym(keys, "ABC"),
        derived_pseudonym(other_keys, "ABC"),
    ]

    # then
    assert len(set(pseudonyms)) == len(pseudonyms)


def test_derived_pseudonym_needs_a_patient_id() -> None:
    with pytest.raises(MissingPatientId):
        derived_pseudonym(Keys(parse_secret(SECRET)), " ")
