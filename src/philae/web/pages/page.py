"""What every page has: its reader, the reader's language and theme, and the templates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from philae.web import assets
from philae.web.auth import Caller, Reached, allowed, caller
from philae.web.cookies import THEME
from philae.web.drawings import bars, highest, rounded, scale
from philae.web.forms.labels import label_of
from philae.web.forms.values import count_of
from philae.web.gateway import Gateway
from philae.web.language import NAMES, Language, language, language_of
from philae.web.pages.words import DONE, DRAFT, NAVIGATION, word

THEMES: Final = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Page:
    """One request for a page, and who reads the answer."""

    request: Request
    gateway: Gateway
    language: Language
    reader: Caller | None = None

    @property
    def caller(self) -> Caller:
        """Who reads it; pages that ask for a scope have one."""
        if self.reader is None:
            raise LookupError("this page may be read by anyone")
        return self.reader

    def render(self, template: str, http_status: int = 200, **values: Any) -> HTMLResponse:
        """The page in its reader's language."""
        done = DONE.get(self.request.query_params.get("done", ""), "")
        return HTMLResponse(self.text(template, done=done, **values), http_status)

    def text(self, template: str, **values: Any) -> str:
        """The same as text, for a part of a page."""
        return _environment(self.language.code).get_template(template).render(page=self, **values)

    def go(self, path: str, **query: str) -> RedirectResponse:
        """Send the browser on, after something was done."""
        return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303)

    def may(self, scope: str) -> bool:
        """Whether the reader has this scope."""
        return self.reader is not None and self.reader.allows(scope)

    @property
    def theme(self) -> str:
        """``auto``, ``light`` or ``dark``."""
        chosen = self.request.cookies.get(THEME, "auto")
        return chosen if chosen in THEMES else "auto"

    @property
    def here(self) -> str:
        """The address of this page, to come back to; without what it says was done."""
        asked = [pair for pair in self.request.query_params.multi_items() if pair[0] != "done"]
        path = self.request.url.path
        return f"{path}?{urlencode(asked)}" if asked else path

    @property
    def is_draft(self) -> bool:
        """Whether a form was sent to be shown again, after its session had ended, and not to be applied."""
        return self.request.query_params.get("done") == DRAFT


def anyone(request: Request, gateway: Reached) -> Page:
    """A page that nobody has to sign in for."""
    return Page(request, gateway, language_of(request))


def somebody(request: Request, gateway: Reached, reader: Annotated[Caller, Depends(caller)]) -> Page:
    """A page for everyone who signed in."""
    return Page(request, gateway, language_of(request), reader)


def readers_with(scope: str) -> Callable[..., Page]:
    """A dependency: a page for those who have ``scope``."""

    def page_of(request: Request, gateway: Reached, reader: Annotated[Caller, Depends(allowed(scope))]) -> Page:
        return Page(request, gateway, language_of(request), reader)

    return page_of


def local(to: str) -> str:
    """``to`` if it stays here, else the first page."""
    is_local = to.startswith("/") and not to.startswith("//") and "\\" not in to and to.isprintable()
    return to if is_local else "/"


@cache
def _environment(code: str) -> Environment:
    spoken = language(code)
    environment = Environment(
        loader=PackageLoader("philae.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(spoken.translations, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(
        count_of=lambda values, field: count_of(field, values),
        number=spoken.number,
        say=spoken.text,
        said=spoken.fault,
        label=lambda name: spoken.text(label_of(name)),
        word=lambda text: spoken.text(word(text)),
        utc=_utc,
        rate=lambda rate: spoken.number(rounded(rate)),
    )
    environment.globals.update(
        asset=assets.url_of,
        assets_installed=assets.are_installed(),
        languages=NAMES,
        themes=THEMES,
        navigation=NAVIGATION,
        query=urlencode,
        bars=bars,
        highest=highest,
        scale=scale,
        now=lambda: datetime.now(UTC),
    )
    return environment


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
