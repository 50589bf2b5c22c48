"""C-STORE statuses."""

import pytest

from philae.dicom.status import StatusClass, store_status


@pytest.mark.parametrize(
    "code, status_class, transient",
    [
        (0x0000, StatusClass.SUCCESS, False),
        (0xB000, StatusClass.WARNING, False),
        (0xB006, StatusClass.WARNING, False),
        (0xB007, StatusClass.WARNING, False),
        (0xA700, StatusClass.FAILURE, True),
        (0xA7FF, StatusClass.FAILURE, True),
        (0xA900, StatusClass.FAILURE, False),
        (0xC000, StatusClass.FAILURE, False),
        (0xCFFF, StatusClass.FAILURE, False),
        (0x0122, StatusClass.FAILURE, False),
        (0x0124, StatusClass.FAILURE, False),
        (0x1234, StatusClass.FAILURE, False),
    ],
)
def test_a_status_tells_whether_the_instance_is_stored_and_whether_to_try_again(
    code: int, status_class: StatusClass, transient: bool
) -> None:
    found = store_status(code)

    assert found.status_class is status_class
    assert found.transient == transient
    assert found.stored == (status_class is not StatusClass.FAILURE)


def test_a_status_is_told_in_hex_and_words() -> None:
    assert str(store_status(0xA700)) == "A700H refused, out of resources"
