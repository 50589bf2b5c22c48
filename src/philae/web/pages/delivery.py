"""One delivery as it came and as it left, and what people do about those that stopped."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.declined import Declined
from philae.admin.deliveries import Facts, Key, Wanted
from philae.admin.deliveries_remedy import discard, next_step, requeue
from philae.admin.deliveries_rules import RuleBook
from philae.pipeline.outcome import State
from philae.web.api.deliveries import hidden_from
from philae.web.api.recording import record
from philae.web.pages.asking import asked_of
from philae.web.pages.changing import sent_form, ticked_boxes
from philae.web.pages.page import Page, readers_with
from philae.web.problems import Problem

router = APIRouter(include_in_schema=False)

Reader = Annotated[Page, Depends(readers_with("deliveries"))]
Operator = Annotated[Page, Depends(readers_with("operate"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]


@router.get("/delivery")
def show_delivery(page: Reader, name: str) -> Response:
    found = _one(page, name)
    if page.may("identifiers"):
        record(page.gateway, page.caller, "delivery.looked-up", str(found.key))
    return _details(page, found)


@router.post("/delivery")
def act_on_delivery(page: Operator, name: str, sent: Sent) -> Response:
    """Release, retry or discard one."""
    found = _one(page, name)
    try:
        done = _acted(page, [found.key], found.state, sent)
    except Declined as declined:
        return _details(page, found, 422, fault=str(declined))
    return page.go("/delivery", name=name, done=done)


@router.post("/monitoring/act")
def act_on_deliveries(page: Operator, sent: Sent, ticked: Annotated[list[str], Depends(ticked_boxes)]) -> Response:
    """Let go, or give up, those that were ticked, or all that the filters in the address find."""
    asked = asked_of(page)
    if asked.fault:
        raise Problem(422, "The filters are not right", asked.fault)
    if sent.get("all") == "on":
        done = _acted_on_all(page, asked.filters.wanted(), sent)
    elif ticked:
        done = _acted_on_each(page, ticked, sent)
    else:
        raise Problem(422, "No delivery is ticked", "tick those that you mean")
    return page.go("/monitoring", **{**asked.typed, "done": done})


def _acted_on_each(page: Page, ticked: list[str], sent: dict[str, str]) -> str:
    by_state: dict[State, list[Key]] = {}
    for name in ticked:
        by_state.setdefault(_one(page, name).state, []).append(Key.parse(name))
    return [_acted(page, keys, state, sent) for state, keys in by_state.items()][-1]


def _acted_on_all(page: Page, wanted: Wanted, sent: dict[str, str]) -> str:
    if sent.get("act") == "discard":
        return _acted(page, wanted, State.HELD, sent)
    stopped = [state for state in (State.HELD, State.FAILED) if not wanted.states or state in wanted.states]
    if not stopped:
        raise Declined("only held and failed deliveries can go on; filter for those")
    return [_acted(page, wanted, state, sent) for state in stopped][-1]


def _acted(page: Page, meant: Wanted | list[Key], state: State, sent: dict[str, str]) -> str:
    """What was done, as the next page tells it."""
    gateway, caller = page.gateway, page.caller
    if sent.get("act") == "discard":
        reason = sent.get("reason", "")
        count = discard(gateway.deliveries, gateway.remedies, meant, reason, caller.actor)
        record(gateway, caller, "deliveries.discarded", f"{count} deliveries", reason)
        return "discarded"
    stopped = State.FAILED if state is State.FAILED else State.HELD
    version = gateway.configurations.current().version if stopped is State.HELD else None
    count = requeue(gateway.deliveries, gateway.remedies, meant, stopped, version)
    record(gateway, caller, "deliveries.requeued", f"{count} {stopped.name.lower()} deliveries")
    gateway.bell.ring()
    return "requeued"


def _details(page: Page, found: Facts, status: int = 200, *, fault: str = "") -> Response:
    hidden = hidden_from(page.caller)
    return page.render(
        "delivery.html",
        status,
        found=found,
        facts={name: ("" if name in hidden else value) for name, value in found._asdict().items()},
        sees=not hidden,
        step=next_step(found),
        rules=RuleBook(page.gateway.configurations).rules_of(found.config_version, found.destination_id),
        fault=fault,
    )


def _one(page: Page, name: str) -> Facts:
    found = page.gateway.deliveries.one(Key.parse(name))
    if found is None:
        raise Problem(404, f"There is no delivery {name}")
    return found
