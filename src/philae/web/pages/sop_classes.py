"""The picker of SOP classes: those of storage by name or UID."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.dicom.standard.uids import storage_sop_classes
from philae.web.pages.page import Page, readers_with

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
_RETIRED: Final = "retired"


@router.get("/destination/sop-classes")
def show_sop_classes(page: Configurer, q: str = "") -> Response:
    """Those whose name has all words of ``q``, or whose UID begins so; all without."""
    words = q.casefold().split()
    fitting = [each for each in storage_sop_classes().items() if all(_fits(word, *each) for word in words)]
    found = sorted(fitting, key=lambda each: (_RETIRED in each[1].lower(), not _begins(words, each[1]), each[1]))
    template = "sop_classes_found.html" if "hx-request" in page.request.headers else "sop_classes.html"
    return page.render(template, 200, found=found, q=q)


def _fits(word: str, uid: str, name: str) -> bool:
    return word in name.casefold() or uid.startswith(word)


def _begins(words: list[str], name: str) -> bool:
    """Whether the words begin words of the name, and do not only occur in some."""
    return all(any(part.startswith(word) for part in name.casefold().split()) for word in words)
