"""What many explorations leave behind in one process."""

import gc
import sys
import threading

import pytest

from pytest_concurrency import explore
from pytest_concurrency._machine import garbage

EXPLORATIONS = 90


def counter() -> None:
    lock, threads = threading.Lock(), []
    for _ in range(2):
        threads.append(threading.Thread(target=lock.acquire, args=(False,)))
        threads[-1].start()
    for thread in threads:
        thread.join()


@pytest.mark.slow
def test_garbage_of_earlier_explorations_does_not_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "FULL", 40)
    explore(counter, schedules=3)  # loads what is loaded on first use
    gc.collect()
    before, objects = sys.getallocatedblocks(), len(gc.get_objects())
    most = 400 * garbage.FULL
    for _ in range(EXPLORATIONS):
        explore(counter, schedules=3)
    more = len(gc.get_objects()) - objects  # without a collection of ours
    assert more < most, f"{more} objects more after {EXPLORATIONS} explorations"
    gc.collect()
    assert sys.getallocatedblocks() < before + 5_000
