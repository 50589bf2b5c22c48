"""Pseudonyms that a web service knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, model_validator

from philae.config.fields import Name
from philae.config.kinds import PseudonymSettings
from philae.deid.errors import DeidError, MissingPseudonym
from philae.deid.expressions import Form, compile_template
from philae.deid.expressions.compiled import NO_ELEMENT
from philae.deid.instance_attributes import InstanceAttributes
from philae.deid.requests import Request, found_in

if TYPE_CHECKING:
    from philae.dicom.scan import Encoded
    from philae.pipeline.ports import WebAnswer

_HINT: Final = "such as https://pseudonyms.example.org/patients/{{ getString(#Tag.PatientID) }}"


def _pointer(text: str) -> str:
    if text and not text.startswith("/"):
        raise ValueError(f"{text!r} is no JSON Pointer (RFC 6901); it begins with /, or is empty for a plain answer")
    return text


class ApiSettings(PseudonymSettings):
    """``{kind: api, url: "https://...", response_path: /pseudonym}``; ``{{ }}`` holds expressions on the instance."""

    kind_name: ClassVar[str] = "api"
    kind: Literal["api"] = "api"
    url: str
    response_path: Annotated[str, AfterValidator(_pointer)]
    """Where the pseudonym stands in the answer."""
    method: Literal["GET", "POST"] = "GET"
    body: str | None = None
    """What is posted: JSON with ``{{ }}``."""
    authentication: Name | None = None
    """The name of an authentication in ``web_services``."""

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if (self.method == "POST") != (self.body is not None):
            raise ValueError("a body goes with method POST, and POST needs one")
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError(f"url must begin with https:// or http://, {_HINT}")
        try:
            compile_template(self.url, Form.URL)
            compile_template(self.body or "", Form.JSON)
        except DeidError as error:
            raise ValueError(str(error)) from error
        return self


class Api:
    """Asks the service about the patient of a dataset."""

    def __init__(self, settings: ApiSettings, answer: WebAnswer) -> None:
        self._settings = settings
        self._url = compile_template(settings.url, Form.URL)
        self._body = compile_template(settings.body, Form.JSON) if settings.body is not None else None
        self._answer = answer

    def pseudonym(self, encoded: Encoded) -> str:
        """Raises `MissingPseudonym` when the service knows none, `Busy` when it cannot be asked now, `DeidError`."""
        answer = self._answer(self._request(InstanceAttributes(encoded)))
        found = found_in(answer, self._settings.response_path) if answer is not None else None
        if found is None or not found.strip():
            host = urlsplit(self._settings.url).hostname
            raise MissingPseudonym(
                f"the web service at {host} has no pseudonym for this patient; add it there, then release the delivery"
            )
        return found

    def _request(self, attributes: InstanceAttributes) -> Request:
        return Request(
            self._settings.method,
            self._url.render(NO_ELEMENT, attributes),
            self._body.render(NO_ELEMENT, attributes) if self._body is not None else None,
            self._settings.authentication,
        )
