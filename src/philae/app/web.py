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
from philae.config.document import load_document
from philae.intake.stow import StowIntake
from philae.store.alarms import SqlAlarms
from philae.store.audit import SqlAuditTrail
from philae.store.deliveries import SqlDeliveryBook
from philae.store.project_secrets import SqlSecretHistory
from philae.store.reading import read_standing
from philae.store.remedying import SqlRemedies
from philae.store.tokens import SqlTokenStore
from philae.store.users import SqlSessionStore, SqlSetupLinks, SqlUserStore
from philae.web.gateway import Gateway
from philae.web.passwords import Argon2Passwords
from philae.web.server import WebService, create_app

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from philae.admin.tokens import TokenStore
    from philae.app.worker import World
    from philae.config.model import Configuration
    from philae.config.settings import Settings
    from philae.store.database import Database

_ANY_HOST: Final = frozenset({"0.0.0.0", "::", "127.0.0.1", "::1"})  # noqa: S104 - compared with, not bound to


def build_web(settings: Settings, world: World, database: Database, listener: socket.socket) -> WebService:
    """The REST API and STOW-RS of the gateway in ``settings.data``, on ``listener``."""
    tokens = SqlTokenStore(database)
    gateway = Gateway(
        configurations=world.configurations,
        ledger=world.ledger,
        deliveries=SqlDeliveryBook(database),
        remedies=SqlRemedies(database),
        tokens=tokens,
        users=SqlUserStore(database),
        sessions=SqlSessionStore(database),
        setup_links=SqlSetupLinks(database),
        passwords=Argon2Passwords(),
        audit=SqlAuditTrail(database),
        secret_history=SqlSecretHistory(database),
        bell=world.bell,
        read_document=lambda text: _read(text, settings.data),
        standing=lambda: _standing(world, database),
        alarms=SqlAlarms(database).ongoing,
        destination_kinds=destinations.SETTINGS,
        pseudonym_kinds=pseudonyms.SETTINGS,
    )
    _welcome(settings, gateway)
    stow = StowIntake(
        configurations=world.configurations,
        spool=world.spool,
        ledger=world.ledger,
        bell=world.bell,
        sender_of=lambda authorization: _sender_of(tokens, authorization),
        max_dataset_bytes=settings.max_dataset_bytes,
    )
    return WebService(create_app(gateway, stow.application()), listener, settings.drain_s)


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


def _standing(world: World, database: Database) -> GatewayStatus:
    standing = read_standing(database)
    return gateway_status(standing.counts, world.configurations.current(), standing.places())


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
