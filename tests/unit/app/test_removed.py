from __future__ import annotations

from philae.app.removed import RemovedSender
from philae.pipeline.outcome import Refused
from tests.support.lanes import ct_dataset, outgoing_of


def test_a_removed_destination_refuses_everything_and_says_the_remedy() -> None:
    sender = RemovedSender()

    answers = [answer for _, answer in sender.deliver(set(), iter([outgoing_of(n, ct_dataset()) for n in (1, 2)]))]
    sender.close()

    assert [type(each) for each in answers] == [Refused, Refused]
    assert "add it again, then retry" in str(answers[0])
