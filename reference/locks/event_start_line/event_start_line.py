"""The start line: the worked solution.

Each race is an object of its own: an event that says that it is decided, and beside it how. A runner takes the race
that is on when he comes, and asks nobody else from then on: so no `clear` can take his signal away, and no later race
can change his answer. The answer is written before the event is set, and read after it: that order makes the lock
unnecessary for the runners. Whoever decides, or goes on to the next race, looks and acts in one step, under the lock.
In `hold_race` the line is clear before the first thread is there, and whatever the starter does, the race is decided
behind him: calling off what has been fired has no effect.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any


class Race:
    """Is it decided, and how?"""

    def __init__(self) -> None:
        """Begin undecided."""
        self.decided = threading.Event()
        self.started = False


class StartLine:
    """Where runners wait for the signal, race after race."""

    def __init__(self) -> None:
        """Begin with the first race, which is not decided yet."""
        self._lock = threading.Lock()
        self._race = Race()

    def wait(self, patience: float | None = None) -> bool:
        """Wait for the signal; return whether it was fired, and in time."""
        race = self._race
        return race.decided.wait(patience) and race.started

    def fire(self) -> None:
        """Start the race, unless it is decided already."""
        self._decide(started=True)

    def call_off(self) -> None:
        """Call the race off, unless it is decided already."""
        self._decide(started=False)

    def _decide(self, *, started: bool) -> None:
        with self._lock:
            if not self._race.decided.is_set():
                self._race.started = started
                self._race.decided.set()

    def has_started(self) -> bool:
        """Tell whether the signal for this race has been fired."""
        return self.wait(0)

    def line_up(self) -> None:
        """Go on to the next race, if this one is decided."""
        with self._lock:
            if self._race.decided.is_set():
                self._race = Race()


def hold_race(
    line: StartLine,
    runners: Sequence[Any],
    step_up: Callable[[Any], object],
    starter: Callable[[], bool],
    run: Callable[[Any], object],
) -> bool:
    """Let all runners wait at the line and go at the starter's word; return whether the race was started."""

    def take_part(runner: Any) -> None:
        step_up(runner)
        if line.wait():
            run(runner)

    line.line_up()
    threads = [threading.Thread(target=take_part, args=(runner,)) for runner in runners]
    for thread in threads:
        thread.start()
    try:
        if starter():
            line.fire()
    finally:
        line.call_off()  # no effect if it has been fired
        for thread in threads:
            thread.join()
    return line.has_started()
