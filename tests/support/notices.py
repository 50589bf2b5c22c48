"""Builders of what the ledger notes for those who are notified."""

from __future__ import annotations

from typing import Any

from philae.admin.notifications.notice import Names, Notice
from philae.pipeline.outcome import State
from tests.support.instances import CT

ORIGINAL = Names("MUSTER-4711", "A-99", "1.2.276.1.1.5", "1.2.276.1.1.6")
NEW = Names("P-7", "H-1", "2.25.500", "2.25.600")


def make_notice(state: State = State.SENT, **changes: Any) -> Notice:
    values = {
        "config_version": 1,
        "state": state,
        "instances": 1,
        "instance_id": 77,
        "modality": "CT",
        "sop_class_uid": CT,
        "reason": "",
        "original": ORIGINAL,
        "sent": NEW if state is State.SENT else None,
        "description": "Head" if state is State.SENT else "",
        "study_date": "20240102" if state is State.SENT else "",
    }
    return Notice(**{**values, **changes})
