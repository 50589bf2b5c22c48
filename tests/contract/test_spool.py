"""What every spool promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from xxhash import xxh3_128_digest

from philae.pipeline.body import HEAD_BYTES
from philae.pipeline.model import Instance
from philae.pipeline.ports import Spool, SpoolFile, SpoolFileMissing, SpoolFull
from tests.support.instances import make_incoming, make_instance

AT_ONCE = timedelta(seconds=-1)


def kept(spool: Spool, *parts: bytes) -> Instance:
    draft = spool.draft(make_incoming())
    draft.write([memoryview(part) for part in parts])
    size, digest = draft.keep()
    return replace(make_instance(draft.id, digest=digest), size=size)


def content(file: SpoolFile) -> bytes:
    return b"".join(bytes(block) for block in file.blocks(file.encoded.start, file.encoded.end))


@pytest.mark.parametrize("size", [0, 1, 1000, 5 << 20, (9 << 20) + 17])
def test_what_was_written_is_read(spool: Spool, size: int) -> None:
    dataset = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    instance = kept(spool, dataset[:700], dataset[700:])

    file = spool.open(instance)

    assert content(file) == dataset
    assert file.encoded.end == instance.size
    assert file.encoded.syntax.uid == instance.transfer_syntax_uid
    assert instance.digest == xxh3_128_digest(dataset)
    file.close()


@pytest.mark.parametrize("size", [5000, 9 << 20])
def test_any_range_is_read_any_number_of_times(spool: Spool, size: int) -> None:
    dataset = b"".join(number.to_bytes(4, "big") for number in range(size // 4))
    file = spool.open(kept(spool, dataset))
    start = file.encoded.start

    for begin, end in ((0, 8), (1000, 4999), (1000, 4999), (size - 5, size), (7, 7)):
        assert b"".join(map(bytes, file.blocks(start + begin, start + end))) == dataset[begin:end]
    file.close()
    file.close()


def test_many_small_parts_are_one_dataset(spool: Spool) -> None:
    parts = [bytes([number % 256]) for number in range(5000)]

    file = spool.open(kept(spool, *parts))

    assert content(file) == b"".join(parts)
    file.close()


def test_head_holds_the_beginning_of_the_dataset(spool: Spool) -> None:
    draft = spool.draft(make_incoming())
    draft.write([memoryview(b"ab"), memoryview(b"cd")])
    assert draft.head == b"abcd"
    draft.write([memoryview(bytes(HEAD_BYTES))])

    assert draft.head == b"abcd" + bytes(HEAD_BYTES - 4)


def test_ids_grow(spool: Spool) -> None:
    ids = [spool.draft(make_incoming()).id for _ in range(100)]

    assert ids == sorted(set(ids))
    assert all(0 < number < 1 << 63 for number in ids)


def test_a_discarded_draft_leaves_nothing(spool: Spool) -> None:
    draft = spool.draft(make_incoming())
    draft.write([memoryview(b"abc")])
    draft.discard()
    draft.discard()

    assert list(spool.ids(AT_ONCE)) == []


def test_a_dropped_file_is_missing_and_dropping_again_is_no_error(spool: Spool) -> None:
    instance = kept(spool, b"abc")
    spool.drop([instance.id])
    spool.drop([instance.id, 12345])

    with pytest.raises(SpoolFileMissing):
        spool.open(instance)


def test_only_files_of_some_age_are_listed(spool: Spool) -> None:
    instance, draft = kept(spool, b"abc"), spool.draft(make_incoming())

    assert set(spool.ids(AT_ONCE)) == {instance.id, draft.id}
    assert list(spool.ids(timedelta(hours=1))) == []


def test_a_file_that_was_swept_while_it_arrived_is_not_accepted(spool: Spool) -> None:
    draft = spool.draft(make_incoming())
    draft.write([memoryview(b"abc")])
    spool.drop([draft.id])

    with pytest.raises(SpoolFull):
        draft.keep()


def test_what_was_dropped_is_in_no_later_file(spool: Spool) -> None:
    spool.drop([kept(spool, b"of another patient" * 1000).id])

    files = [spool.open(kept(spool, each)) for each in (b"abc", b"")]

    assert [content(file) for file in files] == [b"abc", b""]


def test_who_reads_while_a_file_is_dropped_goes_on_reading_it(spool: Spool) -> None:
    first, second = kept(spool, b"first"), kept(spool, b"second")
    read, referred_to = spool.open(first), spool.open(second)
    view = memoryview(referred_to.encoded.source)
    referred_to.close()

    spool.drop([first.id, second.id])
    for _ in range(2):
        kept(spool, b"of another patient")

    assert content(read) == b"first"
    assert bytes(view[-6:]) == b"second"


def test_everybody_reads_what_he_wrote_while_others_come_and_go(spool: Spool) -> None:
    def come_and_go(name: int) -> None:
        for number in range(100):
            dataset = b"%d of %d" % (number, name) * (1 + number % 7)
            instance = kept(spool, dataset)
            file = spool.open(instance)
            assert content(file) == dataset
            if number % 3:
                file.close()
            spool.drop([instance.id])
            if not number % 3:
                assert content(file) == dataset
                file.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(come_and_go, range(4)))
