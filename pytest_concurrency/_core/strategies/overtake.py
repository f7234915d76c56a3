"""Makes a predicted lost update happen: who has read and is about to write waits for another's write.

After Sen, "Race Directed Random Testing of Concurrent Programs" (PLDI 2008): a task that comes to
one of the two places of a race is held back until another one comes to the other place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.operations import TIME, writes
from pytest_concurrency._core.strategies.seeded import Seeded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_concurrency._core.operations import Operation


class Overtake(Seeded):
    """A random walk that holds back who is about to overwrite what it has read.

    Args:
        seed: Makes it repeatable.
        verbs: What the operations are called that overwrite.
    """

    name = "overtake"

    def __init__(self, seed: int, verbs: set[str]) -> None:
        super().__init__(seed)
        self._verbs = verbs

    def start_run(self) -> bool:
        self._read: dict[Any, set[int]] = {}
        self._next: int | None = None
        return super().start_run()

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        chosen = self._choose(runnable, pending)
        for key, mode in pending[chosen][1] or ():
            readers = self._read.setdefault(key, set())
            if writes(mode):
                readers.discard(chosen)
            else:
                readers.add(chosen)
        return chosen

    def _choose(self, runnable: Sequence[int], pending: Mapping[int, Operation]) -> int:
        task, self._next = self._next, None
        if task is not None and task in runnable:
            return task  # its write, now that the other's is there
        held = {task: keys for task in runnable if (keys := self._held(task, pending))}
        for task, keys in held.items():
            for other in runnable:
                if other not in (task, TIME) and keys & _written(pending[other]):
                    self._next = task
                    return other
        willing = [task for task in runnable if task not in held]
        return self._random.choice(willing or runnable)

    def _held(self, task: int, pending: Mapping[int, Operation]) -> set[Any]:
        operation = pending[task]
        if operation[0] not in self._verbs:
            return set()
        return {key for key in _written(operation) if task in self._read.get(key, ())}


def _written(operation: Operation) -> set[Any]:
    return {key for key, mode in operation[1] or () if writes(mode)}
