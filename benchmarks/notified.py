"""What mails about studies cost a gateway at work: the same instances with nobody told and with somebody."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from time import monotonic, sleep
from typing import Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from benchmarks.chain import Gateway, relay, start_chain
from benchmarks.measure import Case, Sample
from benchmarks.peers.philae import philae_gateway
from benchmarks.processes import HOST, free_port
from benchmarks.settings import Settings
from benchmarks.workload import Workload, ct, small

SILENT: Final = "Philae, no mails"
TELLING: Final = "Philae, mails"
ASSOCIATIONS: Final = 4
LONGER: Final = 5
"""Times the small workload, since mails are due every second only."""
INTERVAL_S: Final = 1
"""A study's mail is due after it: far more often than anybody would want it."""
LAST_MAIL_S: Final = 30.0


def cases(settings: Settings) -> Iterator[Case]:
    """Return the two in turn, for each workload."""
    for workload in (ct(settings.workloads, settings.ct), small(settings.workloads, LONGER * settings.small)):
        for peer in (SILENT, TELLING):
            if settings.wants(peer):
                run = partial(_relay, settings, workload, tells=peer == TELLING)
                yield Case("notified", workload.name, ASSOCIATIONS, peer, run)


def _relay(settings: Settings, workload: Workload, *, tells: bool) -> Sample:
    count = len(workload.files)
    with ExitStack() as stack:
        mailbox = stack.enter_context(_mailbox())
        mail = {
            "PHILAE_MAIL_HOST": HOST,
            "PHILAE_MAIL_PORT": str(mailbox.port),
            "PHILAE_MAIL_SECURITY": "none",
            "PHILAE_MAIL_FROM": "philae@bench.example",
        }
        notify = f"{{emails: [somebody@bench.example], interval_s: {INTERVAL_S}}}" if tells else ""
        gateway = Gateway("Philae", partial(philae_gateway, environment=mail, notify=notify))
        chain = start_chain(stack, settings, gateway, ASSOCIATIONS)
        relayed = relay(chain, settings, workload, ASSOCIATIONS)
        silent = tells and not mailbox.took_one(LAST_MAIL_S)
    figures = {"rate": count / relayed.elapsed_s, "cpu_ms": 1000 * relayed.cpu_s / count, "mails": mailbox.mails}
    return Sample(figures, "; ".join([*relayed.faults, *(["no mail came"] if silent else [])]))


class _Mailbox:
    """Takes every mail and keeps none."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        self.mails += 1
        return "250 OK"

    def took_one(self, patience_s: float) -> bool:
        """Whether there is a mail, perhaps after a while."""
        deadline = monotonic() + patience_s
        while not self.mails and monotonic() < deadline:
            sleep(0.1)
        return bool(self.mails)


@contextmanager
def _mailbox() -> Iterator[_Mailbox]:
    mailbox = _Mailbox(free_port())
    controller = Controller(mailbox, hostname=HOST, port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
