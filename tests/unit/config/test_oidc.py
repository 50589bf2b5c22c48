from __future__ import annotations

import pytest
from pydantic import ValidationError

from philae.config.karnak_environment import settings_of_karnak
from philae.config.oidc import OidcProvider
from philae.config.settings import Settings

ISSUER = "https://login.example.org/realms/hospital"


def test_a_provider_is_asked_only_if_there_is_one() -> None:
    assert Settings().oidc is None


def test_a_provider_needs_no_more_than_its_address_and_who_we_are() -> None:
    found = Settings(oidc_issuer=f"{ISSUER}/", oidc_client_id="philae").oidc

    assert found == OidcProvider(ISSUER, "philae")
    assert found.origin == "https://login.example.org"


@pytest.mark.parametrize(
    "issuer", ["http://login.example.org/realms/hospital", "login.example.org", "https://", f"{ISSUER}?a=b", "ftp://x"]
)
def test_who_decides_on_roles_is_asked_over_tls_only(issuer: str) -> None:
    with pytest.raises(ValidationError, match="oidc_issuer"):
        Settings(oidc_issuer=issuer, oidc_client_id="philae")


def test_a_provider_on_this_machine_needs_no_tls() -> None:
    assert Settings(oidc_issuer="http://localhost:9000/realm", oidc_client_id="philae").oidc is not None


@pytest.mark.parametrize("half", [{"oidc_issuer": ISSUER}, {"oidc_client_id": "philae"}])
def test_half_a_provider_is_refused(half: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="belong together"):
        Settings.model_validate(half)


def test_a_secret_is_not_in_what_is_printed() -> None:
    settings = Settings(oidc_issuer=ISSUER, oidc_client_id="philae", oidc_client_secret="well-kept")

    assert "well-kept" not in repr(settings) + repr(settings.oidc)


def test_karnak_s_variables_count_only_where_it_was_told_to_use_them() -> None:
    theirs = {"OIDC_ISSUER_URI": ISSUER, "OIDC_CLIENT_ID": "karnak", "OIDC_CLIENT_SECRET": "s"}

    assert settings_of_karnak(theirs) == {}
    assert settings_of_karnak({**theirs, "IDP": "oidc"}) == {
        "oidc_issuer": ISSUER,
        "oidc_client_id": "karnak",
        "oidc_client_secret": "s",
        "oidc_roles_claim": "resource_access.karnak.roles",
    }
