"""What may ail a DICOM destination: the association, C-ECHO, storage commitment, what it accepts of what really comes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from philae.admin.doctor import Endpoint, Ill, Said, Step, Verdict
from philae.destinations.dicom.address import address_of
from philae.destinations.dicom.contexts import NATIVE, alternatives, proposals
from philae.dicom.standard.uids import uid_name
from philae.dicom.status import store_status
from philae.dicom.syntax import transfer_syntax
from philae.dimse.commitment import COMMITMENT_CONTEXT
from philae.dimse.errors import AssociationAborted, AssociationRejected, DimseError, Timeout
from philae.dimse.rejection import UNKNOWN_CALLED_AE, UNKNOWN_CALLING_AE, Rejection
from philae.dimse.requestor import Association, ProposedContext
from philae.dimse.sop_classes import VERIFICATION
from philae.pipeline.outcome import TryAgain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.admin.doctor import Case
    from philae.destinations.dicom.settings import DicomSettings
    from philae.dimse.requestor import Address

MOST_PAIRS: Final = 42
"""Each may take three of the 128 presentation contexts of an association."""

_SILENT: Final = "something listens there, but does not speak: see that it is the DICOM port, and whether it hangs"


class DicomDoctor:
    """One association for all steps; it proposes Verification and whatever the forward node received lately."""

    def __init__(self, settings: DicomSettings, case: Case) -> None:
        self._settings = settings
        self._case = case
        self._pairs = dict(Counter(case.lately).most_common(MOST_PAIRS))
        self._opened: Association | None = None

    @property
    def endpoint(self) -> Endpoint:
        """The peer."""
        settings = self._settings
        return Endpoint(settings.hostname, settings.port, settings.tls, settings.connect_timeout_s)

    def steps(self) -> Iterator[Step]:
        """What DICOM itself has to say."""
        yield Step("association", self._associate)
        yield Step("C-ECHO", self._echo)
        yield Step("presentation contexts", self._compare)
        if self._settings.storage_commitment:
            yield Step("storage commitment", self._commit)

    def close(self) -> None:
        """Release the association."""
        if self._opened is not None:
            self._opened.release()
            self._opened = None

    @property
    def _association(self) -> Association:
        if self._opened is None:
            raise AssertionError("the association is the first step")
        return self._opened

    def _associate(self) -> Said:
        address = self._address()
        proposed = [ProposedContext(VERIFICATION, NATIVE), *proposals(self._pairs)]
        if self._settings.storage_commitment:
            proposed.append(COMMITMENT_CONTEXT)
        titles = f"{address.calling_ae_title} calling {address.called_ae_title}"
        try:
            self._opened = Association.connect(address, proposed)
        except AssociationRejected as error:
            rejection = Rejection(error.result, error.source, error.reason)
            raise Ill(f"{titles}: {rejection.words}", _advice(rejection, address)) from error
        except Timeout as error:
            raise Ill(f"{titles}: no answer within {self._settings.response_timeout_s:g} s", _SILENT) from error
        except DimseError as error:
            raise Ill(f"{titles}: {error}", self._advice_on(error)) from error
        accepted = len(self._opened.contexts)
        return Said(f"{titles}: accepted, with {accepted} of {len(proposed)} presentation contexts")

    def _address(self) -> Address:
        try:
            address = address_of(self._settings, self._case.node)
        except TryAgain as error:
            raise Ill(str(error), "correct the files that tls names") from error
        if self._settings.calling == "sender" and self._case.calling_ae_title:
            address = replace(address, calling_ae_title=self._case.calling_ae_title)
        return replace(address, timeouts=replace(address.timeouts, associate_s=self._settings.response_timeout_s))

    def _advice_on(self, error: DimseError) -> str:
        """Of an association that was neither accepted nor rejected."""
        if not isinstance(error, AssociationAborted):
            return "what listens there does not speak DICOM: correct the port"
        if self._settings.tls is None:
            return "see the receiver's log; if it expects TLS, give tls"
        return "see the receiver's log; if it asks for our certificate, give tls.certificate and tls.key"

    def _echo(self) -> Said:
        if not any(each.abstract_syntax == VERIFICATION for each in self._association.contexts.values()):
            return Said("Verification is not accepted", Verdict.WARNING, "ask for C-ECHO to be enabled")
        try:
            answer = self._association.echo()
        except DimseError as error:
            raise Ill(str(error), "see whether the receiver hangs; its log may say") from error
        if answer.code:
            words = f"{store_status(answer.code)}{f': {answer.comment}' if answer.comment else ''}"
            return Said(words, Verdict.WARNING, "see the receiver's log")
        return Said("answered with success")

    def _commit(self) -> Said:
        proposed = COMMITMENT_CONTEXT
        if self._association.context_for(proposed.abstract_syntax, *proposed.transfer_syntaxes) is not None:
            ours = self._settings.titles(self._case.node.ae_title).ours
            return Said(f"accepted; it answers {ours}, at the address and port that it has of it")
        advice = "have it enabled for this AE title, or switch it off here; until then our copies are kept"
        raise Ill(f"{self._settings.ae_title} does not accept storage commitment", advice)

    def _compare(self) -> Said:
        """What was received lately against what is accepted."""
        if not self._pairs:
            return Said(f"{self._case.node.ae_title} has received nothing lately to compare with", Verdict.SKIPPED)
        refused = [pair for pair in self._pairs if not self._accepts(*pair)]
        if not refused:
            return self._all_accepted()
        words = "; ".join(_words(*pair, self._pairs[pair]) for pair in refused)
        advice = "have the receiver accept them, or leave them out with sop_classes; until then they fail"
        if len(refused) == len(self._pairs):
            raise Ill(f"nothing that came lately is accepted: {words}", advice)
        return Said(f"not accepted: {words}", Verdict.WARNING, advice)

    def _all_accepted(self) -> Said:
        compressed = [pair for pair in self._pairs if transfer_syntax(pair[1]).encapsulated]
        decoded = [pair for pair in compressed if self._association.context_for(*pair) is None]
        if not decoded:
            return Said(f"everything that came lately is accepted (kinds of instances: {len(self._pairs)})")
        words = "; ".join(_words(*pair, self._pairs[pair]) for pair in decoded)
        advice = "have the receiver accept them as they are, or let them be larger"
        return Said(f"accepted only without compression: {words}", Verdict.WARNING, advice)

    def _accepts(self, sop_class_uid: str, syntax_uid: str) -> bool:
        candidates = alternatives(sop_class_uid, syntax_uid)
        return any(self._association.context_for(*each) is not None for each in candidates)


def _advice(rejection: Rejection, address: Address) -> str:
    if rejection == UNKNOWN_CALLING_AE:
        title, called = address.calling_ae_title, address.called_ae_title
        return f"register the AE title {title} and this machine's address at {called}, or correct calling"
    if rejection == UNKNOWN_CALLED_AE:
        return f"the receiver does not know itself as {address.called_ae_title}: correct ae_title, case matters"
    return rejection.remedy


def _words(sop_class_uid: str, syntax_uid: str, instances: int) -> str:
    name = uid_name(sop_class_uid) or sop_class_uid
    return f"{name} in {transfer_syntax(syntax_uid).name} ({instances} lately)"
