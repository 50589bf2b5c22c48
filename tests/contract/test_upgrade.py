"""A ledger of the first release is brought up to date with what it holds."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command

from philae.admin.deliveries import Wanted
from philae.store.database import Database, sqlite_url
from philae.store.deliveries import SqlDeliveryBook
from philae.store.ledger import SqlLedger
from philae.store.schema import alembic_config, migrate
from philae.store.secret_keys import GivenKeys, new_key
from philae.store.secrets import Vault

INSTANCE = {
    "id": 1 << 20,
    "node": "PHILAE",
    "sop_instance_uid": "1.5",
    "patient_id": "DOE",
    "digest": bytes(16),
    "received_at": 1,
    **dict.fromkeys(("uid_key", "repeat", "size"), 0),
}
DELIVERY = {
    "instance_id": 1 << 20,
    "destination_id": 1,
    "state": 2,
    "sent_sop_instance_uid": "2.25.5",
    "sent_study_instance_uid": "",
    **dict.fromkeys(("slot", "config_version", "attempts", "not_before", "changed_at"), 0),
}


def test_what_nobody_noted_is_not_said_to_have_left_as_it_came(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "philae.db"), vault=Vault(GivenKeys(new_key())))
    with database.change() as connection:
        command.upgrade(alembic_config(connection, database), "0001")
        for name, row in (("instance", INSTANCE), ("delivery", DELIVERY)):
            table = sa.Table(name, sa.MetaData(), autoload_with=connection)
            blank = {column.name: "" for column in table.columns if isinstance(column.type, sa.Text)}
            connection.execute(sa.insert(table), {**blank, **row})

    migrate(database)

    (found,) = SqlDeliveryBook(database).page(Wanted(sop_instance_uid="2.25.5"), None, 10)
    database_knows = (found.patient_id, found.sent_patient_id, found.sent_series_instance_uid)
    assert database_knows == ("DOE", "", "")
    assert SqlLedger(database).counts().accepted == 0
    database.close()
