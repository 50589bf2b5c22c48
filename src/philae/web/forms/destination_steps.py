"""Buttons of a destination's form that fill in more of it before it is saved."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMES: Final = ("Basic", "Bearer")
_GROUPS: Final = ("basic", "oauth2")
_TEXTS: Final = ("token", "authentication")
"""What else of a STOW destination says who the gateway is."""
_MADE_FROM: Final = ("username", "password", "bearer")


class Step(NamedTuple):
    """The form as it is then, with what keeps the button from doing more."""

    values: dict[str, str]
    faults: dict[str, str]


def stepped(sent: Mapping[str, str]) -> Step | None:
    """What the button made of the form; None if it was sent to be saved."""
    act, _, argument = sent.get("act", "").partition(":")
    if act == "more":
        return Step(_with_one_more(sent, f"{argument}.count"), {})
    return _with_authorization(sent) if act == "authorization" else None


def _with_one_more(sent: Mapping[str, str], count: str) -> dict[str, str]:
    text = sent.get(count, "0")
    return {**sent, count: str(int(text) + 1 if text.isdecimal() and len(text) < 6 else 1)}


def _with_authorization(sent: Mapping[str, str]) -> Step:
    values = {name: text for name, text in sent.items() if name not in {f"authorization.{each}" for each in _MADE_FROM}}
    fault = _identity_given(sent) or _unusable(sent)
    if fault:
        return Step(dict(sent), {"headers": fault})
    line = f"Authorization: {_credentials(sent)}"
    return Step({**values, "headers": "\n".join([*filter(None, [sent.get("headers", "").rstrip()]), line])}, {})


def _identity_given(sent: Mapping[str, str]) -> str:
    names = [line.partition(":")[0].strip().lower() for line in sent.get("headers", "").splitlines()]
    if "authorization" in names or any(sent.get(group) == "on" for group in _GROUPS) or any(map(sent.get, _TEXTS)):
        return "something says already who the gateway is; take it out, there is only one Authorization"
    return ""


def _unusable(sent: Mapping[str, str]) -> str:
    if sent.get("authorization.scheme") == "Bearer":
        token = sent.get("authorization.bearer", "").strip()
        return "" if token and token.isascii() and token.isprintable() and " " not in token else "give the token"
    username = sent.get("authorization.username", "")
    return "" if username and ":" not in username else "give a user name without a colon"


def _credentials(sent: Mapping[str, str]) -> str:
    if sent.get("authorization.scheme") == "Bearer":
        return f"Bearer {sent['authorization.bearer'].strip()}"
    login = f"{sent['authorization.username']}:{sent.get('authorization.password', '')}"
    return f"Basic {b64encode(login.encode()).decode()}"
