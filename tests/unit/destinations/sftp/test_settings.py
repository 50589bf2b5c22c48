from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from philae.destinations.sftp import SftpSettings

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKfKFGZLSyO3ER1QDcH5YV4ml9nRXQ2FYw2p8tPNBdEm"
WHOLE = {"hostname": "a.example", "username": "philae", "host_key": KEY, "password": "hidden"}


@pytest.mark.parametrize(
    "text", [KEY, f"{KEY} comment", f"a.example,10.0.0.1 {KEY}", f"# a.example:22\n[a.example]:22 {KEY}\n\n"]
)
def test_a_host_key_is_read_as_the_tools_print_it(text: str) -> None:
    assert SftpSettings.model_validate({**WHOLE, "host_key": text}).host_keys == (KEY,)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"host_key": ""}, "ssh-keyscan"),
        ({"host_key": "# nothing"}, "ssh-keyscan"),
        ({"host_key": "SHA256:abc"}, "ssh-keyscan"),
        ({"host_key": "ssh-ed25519 %%%"}, "ssh-keyscan"),
        ({"host_key": None}, "host_key"),
        ({"password": None}, "password or the path"),
        ({"layout": "{PatientName}"}, "layout may use"),
        ({"marker": "../x"}, "name of a file"),
        ({"port": "0"}, "port"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_words(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SftpSettings.model_validate({**WHOLE, **settings})


def test_patterns_may_be_a_list_or_one_text_with_commas() -> None:
    one, many = (SftpSettings.model_validate({**WHOLE, "exclude": each}) for each in ("*.a, *.b", ["*.a", "*.b"]))

    assert one.exclude == many.exclude == ("*.a", "*.b")


def test_a_relative_key_starts_at_the_document_and_a_password_does_not_show(tmp_path: Path) -> None:
    settings = SftpSettings.model_validate({**WHOLE, "key": "id"}, context={"base": tmp_path})

    assert settings.key == tmp_path / "id"
    assert "hidden" not in repr(settings)
