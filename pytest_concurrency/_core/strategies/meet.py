"""Makes a predicted deadlock happen: who holds something and is about to wait for more lets the others go first.

After Joshi, Park, Sen and Naik, "A Randomized Dynamic Program Analysis Technique for Detecting Real
Deadlocks" (PLDI 2009).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.operations import TIME
from pytest_concurrency._core.strategies.seeded import Seeded
from pytest_concurrency._core.verbs import WAITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_concurrency._core.operations import Operation


class Meet(Seeded):
    """A random walk that holds back who holds a lock and is about to wait for something.

    Args:
        seed: Makes it repeatable.
    """

    name = "meet"

    def start_run(self) -> bool:
        self._held: dict[int, set[Any]] = {}
        return super().start_run()

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        willing = [task for task in runnable if not (self._held.get(task) and pending[task][0] in WAITS)]
        chosen = self._random.choice(willing or runnable)
        if chosen != TIME:
            self._note(chosen, pending[chosen])
        return chosen

    def _note(self, task: int, operation: Operation) -> None:
        verb, accesses = operation
        keys = {key for key, _ in accesses or ()}
        if verb == "acquire":
            self._held.setdefault(task, set()).update(keys)
        elif verb == "release":
            self._held.setdefault(task, set()).difference_update(keys)
