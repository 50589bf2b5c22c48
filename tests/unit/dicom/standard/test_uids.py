import pytest
from pydicom.uid import UID

from philae.dicom.standard.uids import is_storage_sop_class, is_well_known, storage_sop_classes, uid_name

CT = "1.2.840.10008.5.1.4.1.1.2"


@pytest.mark.parametrize("uid", [CT, "1.2.840.10008.1.2", "1.2.840.10008.5.1.4.1.1.9999", "1.2.840.10008.15.0.3.11"])
def test_uids_under_the_standards_root_are_well_known(uid: str) -> None:
    assert is_well_known(uid)


@pytest.mark.parametrize(
    "uid",
    [
        "",
        "1.2.840.10008",
        "1.2.840.100081.1",
        "1.2.826.0.1.3680043.2",
        f"{CT}.20240131.101500",
        "1.2.840.10008.5.1.4.1.1.2\n",
        "2.25.163485808146406487370825160808855144872",
    ],
)
def test_uids_of_instances_are_not_well_known(uid: str) -> None:
    assert not is_well_known(uid)


def test_every_uid_pydicom_names_is_well_known() -> None:
    assert all(is_well_known(uid) for uid in storage_sop_classes())
    assert UID(CT).name == uid_name(CT)


def test_names_come_for_classes_newer_than_pydicom() -> None:
    assert uid_name("1.2.840.10008.5.1.4.1.1.66.7") == "Label Map Segmentation Storage"
    assert uid_name("1.2.3") is None


@pytest.mark.parametrize(
    "uid, stored",
    [
        (CT, True),
        ("1.2.840.10008.5.1.4.1.1.3", True),
        ("1.2.840.10008.5.1.4.1.1.66.8", True),
        ("1.2.840.10008.1.1", False),
        ("1.2.840.10008.1.20.1", False),
        ("1.2.840.10008.1.3.10", False),
        ("1.2.3.4", False),
    ],
)
def test_storage_classes_are_told_from_others(uid: str, stored: bool) -> None:
    assert is_storage_sop_class(uid) is stored


def test_pynetdicom_knows_no_storage_class_that_we_do_not() -> None:
    from pynetdicom.presentation import AllStoragePresentationContexts

    theirs = {str(context.abstract_syntax) for context in AllStoragePresentationContexts}

    assert theirs <= storage_sop_classes().keys()
