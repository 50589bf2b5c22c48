"""The tag picker: attributes by keyword, name, number or module."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.dicom.standard.find_attributes import find_attributes
from philae.dicom.standard.iod import module_names
from philae.dicom.tags import parse_tag_pattern
from philae.web.pages.page import Page, readers_with

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
_MOST_FOUND: Final = 40
_LONGEST: Final = 80


@router.get("/profile/tags")
def show_tags(page: Configurer, q: str = "", module: str = "", *, retired: bool = False) -> Response:
    """Those that fit, or all of a module."""
    is_asked = bool(q.strip() or module)
    found = find_attributes(q[:_LONGEST], module, most=_MOST_FOUND, retired=retired) if is_asked else ()
    return page.render(
        "tags_found.html" if "hx-request" in page.request.headers else "tags.html",
        found=found,
        as_typed=_pattern(q),
        is_asked=is_asked,
        is_cut=len(found) == _MOST_FOUND,
        q=q,
        module=module,
        modules=module_names(),
        retired=retired,
    )


def _pattern(text: str) -> str:
    """A tag as it was typed, such as a private one, which no dictionary lists."""
    try:
        return str(parse_tag_pattern(text))
    except ValueError:
        return ""
