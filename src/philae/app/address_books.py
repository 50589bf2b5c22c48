"""The address books of the DICOM tools, filled at start from the CSV files that the settings name."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from philae.admin.address_book_csv import endpoints_from_csv, nodes_from_csv
from philae.admin.csv_rows import RowFaults
from philae.admin.declined import Declined
from philae.store.address_book import dicom_nodes, web_endpoints

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import BinaryIO

    from philae.admin.address_book import AddressBook, Entry
    from philae.config.settings import Settings
    from philae.store.database import Database

log = logging.getLogger(__name__)


def fill_address_books(settings: Settings, database: Database) -> None:
    """Add what the files hold and the books do not. A file with a fault is told and left out: nothing depends on it."""
    _fill(settings.tools_nodes, nodes_from_csv, dicom_nodes(database))
    _fill(settings.tools_endpoints, endpoints_from_csv, web_endpoints(database))


def _fill(path: Path | None, read: Callable[[BinaryIO], list[Entry]], book: AddressBook[Entry]) -> None:
    if path is None:
        return
    about = {"file": str(path)}
    try:
        added = book.add(read(path.open("rb")))
    except RowFaults as faults:
        log.error("address_book.not_read", extra={**about, "reason": f"{faults}; {faults.faults[0]}"})
    except (Declined, OSError) as error:
        log.error("address_book.not_read", extra={**about, "reason": str(error)})
    else:
        log.info("address_book.read", extra={**about, "new": added})
