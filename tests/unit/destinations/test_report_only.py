from __future__ import annotations

from philae.destinations.report_only import ReportOnlySender, ReportOnlySettings
from philae.pipeline.model import Receipt
from philae.pipeline.outcome import State
from tests.support.lanes import ct_dataset, make_node, outgoing_of
from tests.support.receivers import delivered


def test_every_instance_is_simulated_and_said_to_be() -> None:
    sender = ReportOnlySender(ReportOnlySettings(), make_node())
    outgoing = outgoing_of(1, ct_dataset())

    answers = delivered(sender, outgoing, outgoing)
    sender.close()

    assert answers == [Receipt(State.SIMULATED, f"{outgoing.body.length} bytes would have been sent")] * 2
