"""Help that needs no other page, and what the gateway is made of."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.users import Role
from philae.pipeline.outcome import State
from philae.web.licences import shipped
from philae.web.pages.page import Page, somebody
from philae.web.pages.words import N_

router = APIRouter(include_in_schema=False)

HELP: Final = {
    "/": N_(
        "Whether everything is accounted for, how each destination is doing, and what needs a person. It follows by itself."
    ),
    "/monitoring": N_(
        "What became of every instance. Filters stand in the address, so that a view can be kept as a bookmark. Tick what is held or failed and let it go on, or give it up."
    ),
    "/nodes": N_(
        "The AE titles that modalities send to, who may send, and where instances go from there. Test examines a destination step by step."
    ),
    "/profiles": N_(
        "What is removed, replaced and kept, element by element; the first element that has an answer decides."
    ),
    "/projects": N_(
        "A project joins a profile with a secret: the same patient gets the same pseudonym throughout a project, and another one in every other."
    ),
    "/pseudonyms": N_(
        "Pseudonyms that others have given, one by one or from a CSV file, for the destinations that take them from there."
    ),
    "/mapping": N_("From a pseudonym back to the patient. Every look-up is in the audit trail."),
    "/tools": N_("Whether other nodes answer, what they take, and what their worklists hold."),
    "/authentications": N_("How the gateway signs in to web services; secrets are stored encrypted and never shown."),
    "/users": N_("Who may sign in and as what, and where somebody is signed in."),
    "/tokens": N_("Which programs may call the REST API, and for what. The text of a token is shown once."),
    "/audit": N_("Who changed or looked up what, newest first, with the difference that it made."),
    "/configuration": N_(
        "Everything that is configured as one document: compare before you apply, and go back to any version."
    ),
    "/system": N_("Certificates and when they end, a test mail, and the log of the last hour."),
}
"""What each entry of the menu is for."""
STATES: Final = {
    State.QUEUED: N_("accepted; its turn has not come, or it is tried again later"),
    State.SENDING: N_("a worker has it in hand"),
    State.SENT: N_("the receiver said that it has it"),
    State.ALREADY_PRESENT: N_("the receiver had it before"),
    State.SIMULATED: N_("a destination that only reports was told"),
    State.EXCLUDED: N_(
        "a condition, a filter, a rule of the profile or a person kept it in; the reason stands beside it"
    ),
    State.HELD: N_("it could not be prepared, so nothing of it left; correct the cause, then release it"),
    State.FAILED: N_("the receiver refused it; correct the cause, then try again"),
}


@router.get("/help")
def show_help(page: Annotated[Page, Depends(somebody)]) -> Response:
    return page.render(
        "help.html", version=version("philae"), help=HELP, states=STATES, roles=tuple(Role), shipped=shipped()
    )
