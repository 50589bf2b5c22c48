"""``action.replace.api``: a value that a web service knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

from typing_extensions import override

from philae.deid.actions import Keep, Replace
from philae.deid.elements.element import ProfileElement
from philae.deid.errors import DeidError, NoReply
from philae.deid.expressions import Form, Template, WalkedElement, compile_template
from philae.deid.question import Question
from philae.deid.requests import Failure, Method, Request, found_in
from philae.dicom.tags import TagSet

if TYPE_CHECKING:
    from philae.deid.actions import Action
    from philae.deid.context import Place, Value
    from philae.deid.instance import Instance
    from philae.deid.profile import ElementSpec, Project

_METHODS: Final[dict[str, Method]] = {"get": "GET", "post": "POST"}
_UNKNOWN_YET: Final = Keep()


@dataclass(frozen=True, slots=True)
class Call:
    """How a service is asked, and where in its answer the value stands (RFC 6901); ``default`` if it has none."""

    method: Method
    url: Template
    body: Template | None
    authentication: str | None
    pointer: str
    default: str | None

    def request(self, element: WalkedElement, instance: Instance) -> Request:
        """The call for one element of an instance. Raises `DeidError` if a template has no value."""
        attributes = instance.attributes
        return Request(
            self.method,
            self.url.render(element, attributes),
            None if self.body is None else self.body.render(element, attributes),
            self.authentication,
        )


@dataclass(frozen=True, slots=True)
class ActionReplaceApi(ProfileElement):
    """Replace ``tags``, minus ``excluded``, by what a web service answers."""

    codename: ClassVar[str] = "action.replace.api"

    call: Call
    tags: TagSet
    excluded: TagSet

    @classmethod
    @override
    def build(cls, spec: ElementSpec, project: Project) -> Self:
        return cls(spec.name, _call(spec), TagSet(spec.tags), TagSet(spec.excluded_tags))

    @override
    def decide(self, place: Place) -> Action | None:
        if place.tag not in self.tags or place.tag in self.excluded:
            return None
        return _Lookup(self.call, WalkedElement(place.tag, place.vr), self.name)

    @override
    def describe(self) -> str:
        return f"{self.call.method} on {self.tags}" + (f" except {self.excluded}" if self.excluded else "")


class _Lookup(Question):
    """What the service says about one element; as long as it was not asked, what it must be asked is noted."""

    letter: ClassVar[str] = "?"

    def __init__(self, call: Call, element: WalkedElement, name: str) -> None:
        self._call = call
        self._element = element
        self._name = name

    @override
    def answer(self, value: Value, instance: Instance) -> Action | None:
        try:
            request = self._call.request(self._element, instance)
        except DeidError as error:
            return self._fallback(str(error))
        reply = instance.replies.get(request)
        if reply is None:
            instance.unanswered[request] = None
            return _UNKNOWN_YET
        if isinstance(reply, Failure):
            return self._fallback(reply.reason, may_pass=reply.may_pass)
        text = found_in(reply, self._call.pointer)
        return self._fallback(f"its answer has no value at {self._call.pointer!r}") if text is None else Replace(text)

    def _fallback(self, reason: str, *, may_pass: bool = False) -> Action:
        if self._call.default is None:
            raise NoReply(f"profile element {self._name!r}: the web service gave no value: {reason}", may_pass=may_pass)
        return Replace(self._call.default)


def _call(spec: ElementSpec) -> Call:
    method = _METHODS.get((spec.argument("method") or "get").lower())
    url, body, pointer = spec.argument("url"), spec.argument("body"), spec.argument("responsePath")
    if method is None or not url or pointer is None or (method == "POST" and not body):
        raise DeidError(
            f"{spec.codename} {spec.name!r}: give url, responsePath, method get or post, and a body with post"
        )
    try:
        return Call(
            method,
            compile_template(url, Form.URL),
            compile_template(body, Form.JSON) if body and method == "POST" else None,
            spec.argument("authConfig") or None,
            pointer,
            spec.argument("defaultValue"),
        )
    except DeidError as error:
        raise DeidError(f"{spec.codename} {spec.name!r}: {error}") from error
