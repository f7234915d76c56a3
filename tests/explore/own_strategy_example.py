"""A strategy of one's own: whoever is about to write waits until everybody is."""

import threading
from collections.abc import Mapping, Sequence

from pytest_concurrency import explore
from pytest_concurrency.strategies import WRITE, Operation, Strategy


class WriteLast(Strategy):
    """Let reads go first, so that every value written was computed from an old one."""

    name = "write last"

    def __init__(self) -> None:
        self.runs = 0

    def start_run(self) -> bool:
        self.runs += 1
        return self.runs <= 3  # the first runs show where tasks meet; it has no choices left after that

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        return min(runnable, key=lambda task: (writes(pending[task]), task))


def writes(operation: Operation) -> bool:
    """Tell whether an operation writes to shared data, or may do so."""
    what, accesses = operation
    return accesses is None or (what.startswith("write") and any(mode == WRITE for _, mode in accesses))


class Counter:
    def __init__(self) -> None:
        self.value = 0

    def add(self) -> None:
        self.value += 1


def test_two_adders() -> None:
    def scenario() -> None:
        counter = Counter()
        threads = [threading.Thread(target=counter.add) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert counter.value == 2

    verdict = explore(scenario, strategy=WriteLast())
    assert verdict.grade == "failed"
    assert explore(scenario, replay=verdict.replay).grade == "failed"
