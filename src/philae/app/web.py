"""The web process of a gateway: opens its parts and serves them over HTTP."""

from __future__ import annotations

import sys
from base64 import b64decode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from philae import destinations, pseudonyms
from philae.admin.status import GatewayStatus, gateway_status
from philae.admin.tokens import check
from philae.admin.users_sessions import new_setup_link
from philae.app.address_books import fill_address_books
from philae.app.machine import machine
from philae.config.document import load_document
from philae.intake.stow import StowIntake
from philae.intake.turnstile import Turnstile
from philae.store.activity import SqlActivityBook
from philae.store.address_book import dicom_nodes, web_endpoints
from philae.store.alarms import SqlAlarms
from philae.store.audit import SqlAuditTrail
from philae.store.config_history import SqlConfigHistory
from philae.store.deliveries import SqlDeliveryBook
from philae.store.examinations import SqlExaminations
from philae.store.project_secrets import SqlSecretHistory
from philae.store.pseudonyms import SqlPseudonyms
from philae.store.reading import read_standing
from philae.store.remedying import SqlRemedies
from philae.store.tokens import SqlTokenStore
from philae.store.users import SqlSessionStore, SqlSetupLinks, SqlUserStore
from philae.web.gateway import Gateway
from philae.web.oidc import Provider
from philae.web.passwords import Argon2Passwords
from philae.web.server import WebService, create_app

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from philae.admin.editing import Versions
    from philae.admin.tokens import TokenStore
    from philae.app.worker import World
    from philae.config.configuration import Configuration
    from philae.config.settings import Settings
    from philae.pipeline.ports import Bell, Ledger
    from philae.store.database import Database

_ANY_HOST: Final = frozenset({"0.0.0.0", "::", "127.0.0.1", "::1"})  # noqa: S104 - compared with, not bound to


def build_web(
    settings: Settings, world: World, database: Database, configurations: Versions, listener: socket.socket
) -> WebService:
    """The REST API and STOW-RS of the gateway in ``settings.data``, on ``listener``."""
    gateway = open_gateway(settings, database, configurations, world.ledger, world.bell)
    fill_address_books(settings, database)
    _welcome(settings, gateway)
    stow = StowIntake(
        configurations=world.configurations,
        spool=world.spool,
        ledger=world.ledger,
        bell=world.bell,
        sender_of=lambda authorization: _sender_of(gateway.tokens, authorization),
        max_dataset_bytes=settings.max_dataset_bytes,
        turnstile=Turnstile(settings.data / "run" / "limits"),
    )
    return WebService(create_app(gateway, stow.application()), listener, settings.drain_s)


def open_gateway(
    settings: Settings, database: Database, configurations: Versions, ledger: Ledger, bell: Bell
) -> Gateway:
    """The parts that pages and the REST API work with."""
    return Gateway(
        configurations=configurations,
        config_history=SqlConfigHistory(database),
        ledger=ledger,
        deliveries=SqlDeliveryBook(database),
        remedies=SqlRemedies(database),
        activity=SqlActivityBook(database),
        tokens=SqlTokenStore(database),
        users=SqlUserStore(database),
        sessions=SqlSessionStore(database),
        setup_links=SqlSetupLinks(database),
        passwords=Argon2Passwords(),
        audit=SqlAuditTrail(database),
        examinations=SqlExaminations(database),
        secret_history=SqlSecretHistory(database),
        pseudonyms=SqlPseudonyms(database),
        nodes=dicom_nodes(database),
        endpoints=web_endpoints(database),
        bell=bell,
        read_document=lambda text: _read(text, settings.data),
        standing=lambda: _standing(configurations, database),
        alarms=SqlAlarms(database).ongoing,
        destination_kinds=destinations.SETTINGS,
        pseudonym_kinds=pseudonyms.SETTINGS,
        mail=settings.mail,
        machine=machine(settings, configurations),
        provider=Provider(settings.oidc) if settings.oidc else None,
    )


def setup_url(settings: Settings, text: str) -> str:
    """Where a browser on this machine opens a set-up link."""
    host = "localhost" if settings.web_host in _ANY_HOST else settings.web_host
    return f"http://{host}:{settings.web_port}/set-up/{text}"


def _welcome(settings: Settings, gateway: Gateway) -> None:
    """Whoever reads the console of a gateway without users may become the first of them."""
    if not gateway.users.all():
        link = setup_url(settings, new_setup_link(gateway.setup_links, datetime.now(UTC)))
        sys.stderr.write(f"Nobody can sign in yet. Open this link, once and within a day, to set up Philae: {link}\n")
        sys.stderr.flush()


def _standing(configurations: Versions, database: Database) -> GatewayStatus:
    standing = read_standing(database)
    return gateway_status(standing.counts, configurations.current(), standing.places())


def _sender_of(tokens: TokenStore, authorization: str) -> str | None:
    """The name of the token in a Bearer header, or in the password of a Basic one."""
    scheme, _, credentials = authorization.partition(" ")
    text = credentials.strip()
    if scheme.lower() == "basic":
        try:
            text = b64decode(text, validate=True).decode().partition(":")[2]
        except ValueError:
            return None
    token = check(tokens, text, datetime.now(UTC))
    return token.name if token is not None and token.allows("send") else None


def _read(text: str, base: Path) -> Configuration:
    return load_document(
        text,
        base,
        destination_kinds=destinations.SETTINGS,
        pseudonym_kinds=pseudonyms.SETTINGS,
        may_name_files=False,
    )
