from __future__ import annotations

from threading import Thread

from philae.pipeline.wake import Wake


def test_a_ring_between_looking_and_waiting_is_not_missed() -> None:
    wake = Wake()
    seen = wake.count
    wake.ring()

    assert wake.wait(seen, timeout_s=60) < 60


def test_every_waiting_thread_wakes() -> None:
    wake = Wake()
    threads = [Thread(target=wake.wait, args=(wake.count, 60)) for _ in range(3)]
    for thread in threads:
        thread.start()

    wake.ring()

    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)


def test_once_stopped_it_never_blocks_again() -> None:
    wake = Wake()
    wake.stop()

    wake.wait(wake.count, timeout_s=60)
    wake.wait(wake.count, timeout_s=60)

    assert wake.stopped


def test_without_a_ring_the_time_runs_out() -> None:
    wake = Wake()

    assert wake.wait(wake.count, timeout_s=0.001) > 0.0
