"""A profile must not reach what only this machine can reach."""

import pytest

from philae.pseudonyms.web_services.answers import NoAnswer
from philae.pseudonyms.web_services.hosts import check_host


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "localhost", "169.254.169.254", "fe80::1", "::ffff:127.0.0.1"]
)
def test_this_machine_and_its_link_must_be_listed(host: str) -> None:
    with pytest.raises(NoAnswer, match="allowed_hosts"):
        check_host(host, ())

    check_host(host, (host,))


@pytest.mark.parametrize("host", ["10.1.2.3", "192.0.2.7", "2001:db8::1"])
def test_other_hosts_need_no_list(host: str) -> None:
    check_host(host, ())


def test_a_list_shuts_out_everything_else() -> None:
    check_host("Registry.Example.", ("registry.example",))
    with pytest.raises(NoAnswer, match="is not allowed"):
        check_host("192.0.2.7", ("registry.example",))


def test_a_name_that_leads_nowhere_is_told() -> None:
    with pytest.raises(NoAnswer, match="not known"):
        check_host("no-such-host.invalid", ())
