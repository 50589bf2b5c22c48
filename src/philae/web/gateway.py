"""What the routes work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from philae.admin.activity import ActivityBook
from philae.admin.address_book import AddressBook, DicomNode, WebEndpoint
from philae.admin.audit import AuditTrail
from philae.admin.config_history import ConfigHistory
from philae.admin.deliveries import Deliveries
from philae.admin.deliveries_remedy import Remedies
from philae.admin.editing import Desk, Versions
from philae.admin.examinations import Examinations
from philae.admin.notifications.alarms import Alarm
from philae.admin.overview import Overview, overview
from philae.admin.project_secrets import SecretHistory
from philae.admin.pseudonyms import Pseudonyms
from philae.admin.status import GatewayStatus
from philae.admin.tokens import TokenStore
from philae.admin.users import Passwords, UserStore
from philae.admin.users_sessions import SessionStore, SetupLinks
from philae.config.configuration import Configuration
from philae.config.kinds import DestinationSettings, PseudonymSettings
from philae.config.mail import MailServer
from philae.pipeline.ports import Bell, Ledger
from philae.web.machine import NO_MACHINE, Machine
from philae.web.oidc import Provider


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts of a gateway that one process has open."""

    configurations: Versions
    config_history: ConfigHistory
    ledger: Ledger
    deliveries: Deliveries
    remedies: Remedies
    activity: ActivityBook
    tokens: TokenStore
    users: UserStore
    sessions: SessionStore
    setup_links: SetupLinks
    passwords: Passwords
    audit: AuditTrail
    examinations: Examinations
    secret_history: SecretHistory
    pseudonyms: Pseudonyms
    nodes: AddressBook[DicomNode]
    endpoints: AddressBook[WebEndpoint]
    bell: Bell
    read_document: Callable[[str], Configuration]
    """Raises `DocumentFaults`."""
    standing: Callable[[], GatewayStatus]
    """How everything stands, with what waits since when and why. Raises `LedgerUnavailable`."""
    alarms: Callable[[], Sequence[Alarm]]
    """What needs a person now. Raises `LedgerUnavailable`."""
    destination_kinds: Mapping[str, type[DestinationSettings]]
    pseudonym_kinds: Mapping[str, type[PseudonymSettings]]
    mail: MailServer | None = None
    """The server that takes mail, if there is one."""
    machine: Machine = NO_MACHINE
    provider: Provider | None = None
    """Who vouches for people, if not only this gateway does."""

    def overview(self) -> Overview:
        """What the first page shows. Raises `LedgerUnavailable`."""
        return overview(self.standing(), self.alarms(), self.activity, datetime.now(UTC))

    @property
    def desk(self) -> Desk:
        """Where the configuration is changed."""
        return Desk(self.configurations, self.audit, self.bell, self.read_document)
