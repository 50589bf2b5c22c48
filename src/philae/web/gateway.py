"""What the routes work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from philae.admin.audit import AuditTrail
from philae.admin.deliveries import DeliveryBook
from philae.admin.deliveries_remedy import Remedies
from philae.admin.notifications.alarms import Alarm
from philae.admin.project_secrets import SecretHistory
from philae.admin.status import GatewayStatus
from philae.admin.tokens import TokenStore
from philae.admin.users import Passwords, UserStore
from philae.admin.users_sessions import SessionStore, SetupLinks
from philae.config.model import Configuration, DestinationSettings, PseudonymSettings
from philae.pipeline.ports import Bell, ConfigStore, Ledger


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts of a gateway that one process has open."""

    configurations: ConfigStore
    ledger: Ledger
    deliveries: DeliveryBook
    remedies: Remedies
    tokens: TokenStore
    users: UserStore
    sessions: SessionStore
    setup_links: SetupLinks
    passwords: Passwords
    audit: AuditTrail
    secret_history: SecretHistory
    bell: Bell
    read_document: Callable[[str], Configuration]
    """Raises `DocumentFaults`."""
    standing: Callable[[], GatewayStatus]
    """How everything stands, with what waits since when and why. Raises `LedgerUnavailable`."""
    alarms: Callable[[], Sequence[Alarm]]
    """What needs a person now. Raises `LedgerUnavailable`."""
    destination_kinds: Mapping[str, type[DestinationSettings]]
    pseudonym_kinds: Mapping[str, type[PseudonymSettings]]
