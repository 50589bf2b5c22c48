from __future__ import annotations

from io import BytesIO

import pytest

from philae.admin.address_book import SERVICES, DicomNode, WebEndpoint
from philae.admin.address_book_csv import (
    endpoints_from_csv,
    endpoints_to_csv,
    nodes_from_csv,
    nodes_to_csv,
)
from philae.admin.csv_rows import RowFaults
from philae.admin.declined import Declined

NODE = DicomNode(description="Archive", ae_title="ARCHIVE", hostname="10.0.0.5", port=104)
HOSTILE = DicomNode(description="=HYPERLINK(1)", ae_title="-A", hostname="h", port=1, kind="CT", group='+1 "x", y')


def nodes(text: str, group: str = "") -> list[DicomNode]:
    return nodes_from_csv(BytesIO(text.encode()), group)


def faults(text: str) -> list[str]:
    with pytest.raises(RowFaults) as refused:
        nodes(text)
    return list(map(str, refused.value.faults))


def test_four_columns_are_enough_and_headings_comments_and_empty_lines_are_passed_over() -> None:
    text = "description,aetitle,hostname,port,nodeType,nodeGroup\n\n# old\nArchive,ARCHIVE,10.0.0.5,104\n,,\n"

    assert nodes(text) == [NODE]
    assert nodes(text.replace(",", ";")) == [NODE]
    assert nodes(f"\ufeff{text}", "Main") == [NODE.model_copy(update={"group": "Main"})]


def test_what_is_written_is_read_again_and_no_spreadsheet_computes_it() -> None:
    written = nodes_to_csv([NODE, HOSTILE])

    assert nodes(written) == [NODE, HOSTILE]
    assert [
        cell for row in written.splitlines() for cell in row.split(",") if cell.startswith(("=", "+", "-", "@"))
    ] == []


def test_an_endpoint_offers_every_service_unless_some_are_named() -> None:
    text = "a,https://x.example.org/rs\nb,https://y.example.org/rs,WADO-RS; STOW-RS,Main\n"

    first, second = endpoints_from_csv(BytesIO(text.encode()))

    assert first == WebEndpoint(description="a", url="https://x.example.org/rs", services=SERVICES)
    assert (second.services, second.group) == (("STOW-RS", "WADO-RS"), "Main")
    assert endpoints_from_csv(BytesIO(endpoints_to_csv([first, second]).encode())) == [first, second]


def test_every_row_with_a_fault_is_told_by_its_line() -> None:
    told = faults("a,A,h,104\nb,B,h\nc,C\\D,h,104\nd,D,h,0\ne,E,a b,104\n")

    assert [each.partition(":")[0] for each in told] == ["line 2", "line 3", "line 4", "line 5"]
    assert "3 columns; there must be 4" in told[0]
    assert ["ae_title" in told[1], "port" in told[2], "hostname" in told[3]] == [True, True, True]


@pytest.mark.parametrize("content,words", [(b"", "no rows"), (b"a,B,h\xff,104", "not UTF-8")])
def test_what_cannot_be_read_is_declined(content: bytes, words: str) -> None:
    with pytest.raises(Declined, match=words):
        nodes_from_csv(BytesIO(content))
