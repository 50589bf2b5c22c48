import pytest

from philae.deid.errors import MissingPatientId, MissingPseudonym
from philae.deid.files.pseudonym_choice import FromPatient, Given, InAttribute
from philae.deid.keys import Keys, derived_pseudonym
from philae.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from tests.support.trees import encoded, text

KEYS = Keys(bytes(16))
TREE = [text(0x00080005, "CS", "ISO_IR 100"), text(0x00100020, "LO", "P\xe9-1 "), text(0x00100021, "LO", "HUG")]


def test_a_given_pseudonym_is_everybodys() -> None:
    assert Given("P-9").pseudonym(encoded(TREE)) == "P-9"


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE], ids=lambda syntax: syntax.name)
def test_an_attribute_is_read_in_its_character_set(syntax: TransferSyntax) -> None:
    assert InAttribute(0x00100020).pseudonym(encoded(TREE, syntax)) == "P\xe9-1"


@pytest.mark.parametrize("tag", [0x00100010, 0x00100030, 0x00400001])
def test_an_absent_attribute_is_no_pseudonym(tag: int) -> None:
    with pytest.raises(MissingPseudonym, match=f"{tag >> 16:04X},{tag & 0xFFFF:04X}"):
        InAttribute(tag).pseudonym(encoded(TREE))


def test_a_derived_pseudonym_is_the_one_of_the_gateway() -> None:
    assert FromPatient(KEYS).pseudonym(encoded(TREE)) == derived_pseudonym(KEYS, "P\xe9-1", "HUG")


def test_nothing_is_derived_without_a_patient_id() -> None:
    with pytest.raises(MissingPatientId):
        FromPatient(KEYS).pseudonym(encoded(TREE[:1]))
