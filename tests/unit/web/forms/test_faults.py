"""What a model says, as it stands at the controls of a form."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, Field, ValidationError, field_validator

from philae.web.forms.faults import faults_of


class Address(BaseModel):
    host: str
    ports: tuple[int, ...] = Field(default=())

    @field_validator("host")
    @classmethod
    def _is_host(cls, host: str) -> str:
        if " " in host:
            raise ValueError("host holds a space")
        return host


def test_words_stand_at_their_control_as_we_wrote_them_and_the_first_of_each() -> None:
    with pytest.raises(ValidationError) as raised:
        Address.model_validate({"host": "a b", "ports": ["x", 1.5]})

    faults = faults_of(raised.value)

    assert faults["host"] == "host holds a space"
    assert "unable to parse" in faults["ports"]
