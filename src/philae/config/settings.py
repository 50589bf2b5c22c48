"""How the gateway runs on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from philae.config.fields import Port
from philae.config.mail import PORTS, Address, Addresses, MailSecurity, MailServer
from philae.config.oidc import Issuer, OidcProvider

PREFIX: Final = "PHILAE_"
_PROCESSORS: Final = max(1, (os.cpu_count() or 1) // 2)
_GIB: Final = 1 << 30


class Settings(BaseSettings):
    """Everything has a default; environment variables are the names in capitals behind ``PHILAE_``."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix=PREFIX, env_ignore_empty=True)

    data: Path = Path("data")
    """Ledger, spool and what else the gateway keeps."""
    dicom_host: str = "0.0.0.0"  # noqa: S104 - a gateway is there to be reached
    dicom_port: Port = 11112
    dicom_tls_port: Port | None = None
    """Usually 2762; off unless given."""
    dicom_tls_certificate: Path | None = None
    """The gateway's, followed by the chain up to its authority; a file in PEM, as is the key."""
    dicom_tls_key: Path | None = None
    dicom_tls_authority: Path | None = None
    """When given, senders must show a certificate that one of these vouches for."""
    web_host: str = "127.0.0.1"
    """Tokens travel in clear: let others in through a proxy that speaks TLS."""
    web_port: Port | Literal["off"] = 8080
    database_url: str = Field(default="", repr=False, validate_default=True)
    """A SQLite file in the data folder unless given; may hold a password."""
    secret_key: str = Field(default="", repr=False)
    """What seals secrets in the database; the file ``secret.key`` in the data folder unless given."""
    spool: Path = Field(default=Path(), validate_default=True)
    """``spool`` in the data folder unless given."""
    intakes: int = Field(default=_PROCESSORS, ge=1, le=256)
    workers: int = Field(default=_PROCESSORS, ge=1, le=256)
    durability: Literal["sync", "off"] = "sync"
    """With ``off`` a power cut, but not a crash, may lose what was acknowledged."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_mode: Literal["production", "development"] = "production"
    """JSON on standard error and in a file, or words for a person on standard error."""
    log_config: Path | None = None
    """A logging configuration of the user's own (YAML or JSON, `logging.config.dictConfig`) in the place of ours."""
    log_max_bytes: int = Field(default=50_000_000, ge=10_000)
    """A log file of this size makes place for a new one."""
    log_files: int = Field(default=10, ge=1, le=1000)
    """How many are kept."""
    clinical_log_max_bytes: int = Field(default=50_000_000, ge=10_000)
    clinical_log_files: int = Field(default=10, ge=1, le=1000)

    oidc_issuer: Issuer | Literal[""] = ""
    """People may sign in at this provider, too (OpenID Connect)."""
    oidc_client_id: str = ""
    oidc_client_secret: str = Field(default="", repr=False)
    oidc_scopes: str = "openid profile"
    oidc_roles_claim: str = "realm_access.roles"
    """Where the roles stand in what the provider says, with dots between the names."""

    mail_host: str = ""
    """No mail is sent without."""
    mail_port: Port | None = None
    """465 for tls, 587 for starttls, 25 for none, unless given."""
    mail_security: MailSecurity = "starttls"
    mail_user: str = ""
    mail_password: str = Field(default="", repr=False)
    mail_from: Address | Literal[""] = ""
    mail_authority: Path | None = None
    """Certificates, in PEM, that may vouch for the mail server; those of the operating system unless given."""
    alarm_emails: Annotated[Addresses, NoDecode] = ()
    """Who is told when something needs a person; a list, or one text with commas."""
    alarm_down_s: float = Field(default=300.0, ge=0)
    """A destination that cannot be reached for so long is an alarm."""
    alarm_waiting_s: float = Field(default=3600.0, gt=0)
    """An instance that waits for so long is an alarm."""
    alarm_certificate_days: int = Field(default=30, ge=0)
    """A certificate that ends within so many days is an alarm."""
    doctor_every_s: Annotated[float, Field(ge=10)] | Literal["off"] = 900.0
    """So often the doctor examines each destination; one that is ill is an alarm."""

    max_associations: int = Field(default=256, ge=1)
    """Per intake."""
    max_pdu_length: int = Field(default=131_072, ge=4096)
    max_dataset_bytes: int = Field(default=16 * _GIB, ge=1)
    spool_min_free_bytes: int = Field(default=_GIB, ge=0)
    spool_min_free_percent: float = Field(default=1.0, ge=0, lt=100)
    """Below either, new instances are refused with A700H."""

    artim_s: float = Field(default=30.0, gt=0)
    """For an association to be requested, and to be closed by the peer."""
    idle_s: float = Field(default=600.0, gt=0)
    """For a peer to say anything on an open association."""
    drain_s: float = Field(default=30.0, ge=0)
    """For running work to end after SIGTERM."""
    lease_s: float = Field(default=15.0, ge=1)
    """A worker that says nothing for so long has lost its lanes."""
    orphan_age_s: float = Field(default=3600.0, gt=0)
    """A spool file that the ledger does not know is dropped when it is this old."""
    history_deliveries: int = Field(default=150_000, ge=0)
    """So many finished deliveries can be looked up, the newest; counts are kept for ever."""
    history_days: float | None = Field(default=None, gt=0, le=36_500)
    """Finished deliveries are forgotten after so many days, however few they are, if it is given."""
    tools_nodes: Path | None = None
    """A CSV file of DICOM nodes and worklists; those that the address book of the tools lacks are added at start."""
    tools_endpoints: Path | None = None
    """The same for DICOMweb endpoints."""

    @property
    def is_durable(self) -> bool:
        """Whether an answer waits for the disk."""
        return self.durability == "sync"

    @property
    def uses_default_database(self) -> bool:
        """Whether the ledger is the SQLite file in the data folder."""
        return self.database_url == _default_database(self.data)

    @property
    def mail(self) -> MailServer | None:
        """The server that takes mail, if there is one."""
        if not self.mail_host:
            return None
        return MailServer(
            self.mail_host,
            self.mail_port or PORTS[self.mail_security],
            self.mail_security,
            self.mail_from,
            self.mail_user,
            self.mail_password,
            self.mail_authority,
        )

    @property
    def oidc(self) -> OidcProvider | None:
        """The provider that vouches for people, if there is one."""
        if not self.oidc_issuer:
            return None
        return OidcProvider(
            self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret, self.oidc_scopes, self.oidc_roles_claim
        )

    @field_validator("data")
    @classmethod
    def _absolute(cls, data: Path) -> Path:
        return data.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _in_data(cls, url: str, info: ValidationInfo) -> str:
        return url or _default_database(info.data.get("data", Path()))

    @field_validator("spool")
    @classmethod
    def _below_data(cls, spool: Path, info: ValidationInfo) -> Path:
        if spool == Path():
            spool = info.data.get("data", Path()) / "spool"
        return spool.expanduser().absolute()

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Settings:
        if self.dicom_tls_port is not None and (self.dicom_tls_certificate is None or self.dicom_tls_key is None):
            raise ValueError("dicom_tls_port needs dicom_tls_certificate and dicom_tls_key")
        return self

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Settings:
        if self.mail_host and not self.mail_from:
            raise ValueError("mail_host needs mail_from, the address that mail comes from")
        if self.alarm_emails and not self.mail_host:
            raise ValueError("alarm_emails needs mail_host, the server that takes mail")
        if bool(self.mail_user) != bool(self.mail_password):
            raise ValueError("mail_user and mail_password belong together; give both or neither")
        if self.mail_user and self.mail_security == "none":
            raise ValueError("mail_password would travel in clear; set mail_security to starttls or tls")
        return self

    @model_validator(mode="after")
    def _oidc_is_whole(self) -> Settings:
        if bool(self.oidc_issuer) != bool(self.oidc_client_id):
            raise ValueError("oidc_issuer and oidc_client_id belong together; give both or neither")
        return self

    @model_validator(mode="after")
    def _orphans_are_old(self) -> Settings:
        if self.orphan_age_s < 2 * self.idle_s:
            raise ValueError("orphan_age_s must be at least twice idle_s: a slow sender's file is no orphan")
        return self

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Nothing but the arguments: `load_settings` gathers them from everywhere else."""
        return (init_settings,)


def _default_database(data: Path) -> str:
    return f"sqlite:///{data / 'philae.db'}"
