"""Monitoring: what became of every instance, and what people do about those that stopped."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import ValidationError

from philae.admin.audit import Event
from philae.admin.declined import Declined
from philae.admin.deliveries import MOST_COUNTED, Facts, Key, Status, Wanted, page_of
from philae.admin.deliveries_remedy import discard, next_step, requeue
from philae.admin.deliveries_rules import RuleBook
from philae.pipeline.outcome import State
from philae.web.api.deliveries import Paged, check_may_ask, hidden_from
from philae.web.pages.changing import sent_form, ticked_boxes
from philae.web.pages.page import Page, readers_with
from philae.web.problems import Problem

router = APIRouter(include_in_schema=False)

Reader = Annotated[Page, Depends(readers_with("deliveries"))]
Operator = Annotated[Page, Depends(readers_with("operate"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]
_IDENTIFYING: Final = ("study", "series", "instance", "patient")


@router.get("/monitoring")
def show_deliveries(page: Reader) -> Response:
    """Filters stand in the address; a wrong one is told and not applied."""
    typed = {name: value for name, value in page.request.query_params.items() if value and name != "done"}
    chosen, fault = _filters(page, typed)
    after = Key.parse(chosen.after) if chosen.after else None
    found = page_of(page.gateway.deliveries, chosen.wanted(), after, chosen.limit)
    count = page.gateway.deliveries.count(chosen.wanted(), MOST_COUNTED)
    _note_look_up(page, typed)
    return page.render(
        "monitoring_rows.html" if "hx-request" in page.request.headers else "monitoring.html",
        422 if fault else 200,
        typed=typed,
        fault=fault,
        deliveries=found.deliveries,
        after=found.after,
        count=count,
        at_least=count >= MOST_COUNTED,
        statuses=tuple(Status),
        nodes=page.gateway.configurations.current().forward_nodes,
        sees=page.may("identifiers"),
    )


@router.get("/delivery")
def show_delivery(page: Reader, name: str) -> Response:
    found = _one(page, name)
    rules = RuleBook(page.gateway.configurations).rules_of(found.config_version, found.destination_id)
    if page.may("identifiers"):
        _record(page, "delivery.looked-up", str(found.key))
    return _details(page, found, rules=rules)


@router.post("/delivery")
def act_on_delivery(page: Operator, name: str, sent: Sent) -> Response:
    """Release, retry or discard one."""
    found = _one(page, name)
    try:
        done = _acted(page, [found.key], found.state, sent)
    except Declined as declined:
        rules = RuleBook(page.gateway.configurations).rules_of(found.config_version, found.destination_id)
        return _details(page, found, 422, rules=rules, fault=str(declined))
    return page.go("/delivery", name=name, done=done)


@router.post("/monitoring/act")
def act_on_deliveries(page: Operator, sent: Sent, ticked: Annotated[list[str], Depends(ticked_boxes)]) -> Response:
    """Let go, or give up, those that were ticked, or all that the filters in the address find."""
    typed = {name: value for name, value in page.request.query_params.items() if value}
    chosen, fault = _filters(page, typed)
    if fault:
        raise Problem(422, "The filters are not right", fault)
    if sent.get("all") != "on" and not ticked:
        raise Problem(422, "No delivery is ticked", "tick those that you mean")
    if sent.get("all") == "on":
        done = _acted_on_all(page, chosen.wanted(), sent)
    else:
        done = ""
        by_state: dict[State, list[Key]] = {}
        for name in ticked:
            by_state.setdefault(_one(page, name).state, []).append(Key.parse(name))
        for state, keys in by_state.items():
            done = _acted(page, keys, state, sent)
    return page.go("/monitoring", **typed, done=done)


def _acted_on_all(page: Page, wanted: Wanted, sent: dict[str, str]) -> str:
    done = ""
    if sent.get("act") == "discard":
        return _acted(page, wanted, State.HELD, sent)
    for stopped in (State.HELD, State.FAILED):
        if not wanted.states or stopped in wanted.states:
            done = _acted(page, wanted, stopped, sent)
    if not done:
        raise Declined("only held and failed deliveries can go on; filter for those")
    return done


def _acted(page: Page, meant: Wanted | list[Key], state: State, sent: dict[str, str]) -> str:
    gateway, who = page.gateway, page.caller.actor
    if sent.get("act") == "discard":
        count = discard(gateway.deliveries, gateway.remedies, meant, sent.get("reason", ""), who)
        _record(page, "deliveries.discarded", f"{count} deliveries", sent.get("reason", ""))
        return "discarded"
    stopped = State.FAILED if state is State.FAILED else State.HELD
    version = gateway.configurations.current().version if stopped is State.HELD else None
    count = requeue(gateway.deliveries, gateway.remedies, meant, stopped, version)
    _record(page, "deliveries.requeued", f"{count} {stopped.name.lower()} deliveries")
    gateway.bell.ring()
    return "requeued"


def _filters(page: Page, typed: dict[str, str]) -> tuple[Paged, str]:
    asked: dict[str, Any] = {**typed, "status": [typed["status"]]} if "status" in typed else dict(typed)
    try:
        chosen = Paged.model_validate(asked)
    except ValidationError as error:
        first = error.errors()[0]
        return Paged(), f"{'.'.join(map(str, first['loc'][:1]))}: {first['msg'].removeprefix('Value error, ')}"
    check_may_ask(page.caller, chosen)
    return chosen, ""


def _details(page: Page, found: Facts, status: int = 200, *, fault: str = "", **values: object) -> Response:
    hidden = hidden_from(page.caller)
    facts = {name: ("" if name in hidden else value) for name, value in found._asdict().items()}
    return page.render(
        "delivery.html",
        status,
        found=found,
        facts=facts,
        sees=not hidden,
        step=next_step(found),
        fault=fault,
        **values,
    )


def _one(page: Page, name: str) -> Facts:
    found = page.gateway.deliveries.one(Key.parse(name))
    if found is None:
        raise Problem(404, f"There is no delivery {name}")
    return found


def _note_look_up(page: Page, typed: dict[str, str]) -> None:
    """Who searched by what identifies a patient; not for what."""
    asked = [name for name in _IDENTIFYING if name in typed]
    if asked:
        _record(page, "deliveries.searched", f"by {', '.join(asked)}")


def _record(page: Page, action: str, subject: str, after: str = "") -> None:
    page.gateway.audit.record(Event(datetime.now(UTC), page.caller.actor, action, subject, after=after))
