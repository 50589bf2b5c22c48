"""A sample image to draw masks on; it is looked at in memory and forgotten."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.before_after import Sample, sample
from philae.deid.errors import DeidError
from philae.deid.files.instance_file import DirectoryFile
from philae.dicom.headers import MalformedDataset
from philae.dicom.part10 import NotDicom
from philae.web.pages.page import Page, readers_with
from philae.web.upload import Upload, sent_upload

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[Upload, Depends(sent_upload)]


@router.post("/profile/build/sample")
def show_sample(page: Configurer, sent: Sent) -> Response:
    """The first frame, and what it says of the equipment."""
    shown, fault = _sampled(sent.content)
    return page.render(
        "mask_sample.html" if "hx-request" in page.request.headers else "mask_sample_page.html",
        shown=shown,
        picture=b64encode(shown.picture).decode() if shown else "",
        fault=fault,
    )


def _sampled(content: bytes) -> tuple[Sample | None, str]:
    if not content:
        return None, "choose a DICOM file"
    try:
        return sample(content), ""
    except NotDicom as error:
        return None, f"this is no DICOM file: {error}"
    except (DirectoryFile, DeidError, MalformedDataset) as error:
        return None, str(error)
