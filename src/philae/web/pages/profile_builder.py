"""The profile builder: elements and masks as forms, the YAML that comes of them beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from philae.admin.declined import Declined
from philae.admin.profiles import profile_named, with_profile
from philae.deid.errors import Fault, ProfileFaults
from philae.deid.profile_file import load_profile
from philae.dicom.standard.dictionary import keyword_of
from philae.dicom.standard.iod import module_names
from philae.dicom.tags import parse_tag_pattern
from philae.web.forms.builder_form import Bench, BuilderForm
from philae.web.forms.profile_draft import HEADING, Draft, control_of, draft_of, element_fields, mask_fields
from philae.web.forms.profile_fields import ELEMENTS, MASKS, OFFERED, UNIQUE, argument_shown_for
from philae.web.pages.changing import Faulty, adopt
from philae.web.pages.page import Page, readers_with
from philae.web.pages.profiles import is_built_in, text_form
from philae.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
_MOST_FIELDS: Final = 20_000
_BASIC: Final = "basic.dicom.profile"


async def sent_builder(request: Request) -> BuilderForm:
    """The form of the builder, with its elements and masks in the order in which they stand."""
    form = await request.form(max_files=1, max_fields=_MOST_FIELDS)
    values = {name: value.replace("\r\n", "\n") for name, value in form.items() if isinstance(value, str)}
    orders = {
        kind: [each for each in form.getlist(kind) if isinstance(each, str) and each.isdecimal()]
        for kind in (ELEMENTS, MASKS)
    }
    return BuilderForm(values, orders)


Sent = Annotated[BuilderForm, Depends(sent_builder)]


@router.get("/profile/build")
def show_builder(page: Configurer, name: str = "") -> Response:
    """With the profile of that name, or with the Basic Profile to begin with."""
    if not name:
        basic = {"name": "Basic DICOM confidentiality profile", "codename": _BASIC}
        return _shown(page, Bench(Draft({"version": "1.0"}, (basic,))))
    current = page.gateway.configurations.current()
    try:
        draft = draft_of(load_profile(profile_named(current, name).text))
    except Declined as declined:
        raise Problem(404, "There is no such profile", str(declined)) from declined
    except ProfileFaults:
        return page.go("/profile/edit", name=name)
    if is_built_in(current, name):
        draft = Draft({**draft.heading, "name": ""}, draft.elements)
    return _shown(page, Bench(draft))


@router.post("/profile/build")
def change_draft(page: Configurer, sent: Sent) -> Response:
    """One step: an element added, moved, copied or deleted; or all of it saved."""
    act = sent.values.get("act", "")
    if act == "open":
        return _opened(page, sent.values.get("text", ""))
    return _saved(page, sent) if act == "save" else _shown(page, sent.after(act), sent, is_changed=True)


@router.post("/profile/build/check")
def show_written(page: Configurer, sent: Sent) -> Response:
    """The YAML of the form as it stands, and its faults."""
    return page.render("profile_written.html", 200, **_written(sent.bench.draft))


def _opened(page: Page, text: str) -> Response:
    try:
        return _shown(page, Bench(draft_of(load_profile(text))), is_changed=True)
    except ProfileFaults as error:
        return text_form(page, text, error.faults, 422)


def _saved(page: Page, sent: BuilderForm) -> Response:
    text = sent.bench.draft.text
    try:
        name = load_profile(text).name
        adopt(page, sent.values, ("profile.saved", name), lambda current: with_profile(current, text))
    except ProfileFaults:
        return _shown(page, sent.bench, sent, is_changed=True, status=422)
    except Faulty as faulty:
        fault = Fault("profile name", 0, str(faulty), "choose another name")
        return _shown(page, sent.bench, sent, is_changed=True, more=(fault,), status=409)
    return page.go("/profile", name=name, done="saved")


def _shown(
    page: Page,
    bench: Bench,
    sent: BuilderForm | None = None,
    *,
    is_changed: bool = False,
    more: Sequence[Fault] = (),
    status: int = 200,
) -> Response:
    draft = bench.draft
    taken = {each.get("codename") for each in draft.elements}
    written = _written(draft, more)
    if status == 200:  # nobody is reproached with a field that he had no time to fill in
        written |= {"faults": {}, "faulty": ()}
    return page.render(
        "profile_builder.html",
        status,
        draft=draft,
        values=draft.values,
        elements=[(each, element_fields(each, number)) for number, each in enumerate(draft.elements)],
        masks=[(each, mask_fields(number)) for number, each in enumerate(draft.masks)],
        opened=bench.opened,
        is_changed=is_changed,
        version=(sent.values.get("version") if sent else "") or page.gateway.configurations.current().version,
        offered={name: words for name, words in OFFERED.items() if name not in UNIQUE or name not in taken},
        known=OFFERED,
        heading=HEADING,
        shown_for=argument_shown_for,
        keyword=_keyword,
        modules=module_names(),
        has_basic=_BASIC in taken,
        **written,
    )


def _written(draft: Draft, more: Sequence[Fault] = ()) -> dict[str, object]:
    """The YAML of a draft, its faults by control, and the lines that have some."""
    faults = (*more, *draft.faults())
    placed = [(control_of(fault), fault) for fault in faults]
    return {
        "lines": draft.text.splitlines(),
        "placed": placed,
        "faulty": {".".join(control.split(".")[:2]) for control, _ in placed},
        "faulty_lines": {fault.line for fault in faults},
        "faults": {control: f"{fault.message}; {fault.remedy}" for control, fault in reversed(placed)},
    }


def _keyword(text: str) -> str:
    """What PS3.6 calls a tag that somebody wrote."""
    try:
        pattern = parse_tag_pattern(text)
    except ValueError:
        return ""
    return keyword_of(pattern.value) or "" if pattern.is_exact else ""
