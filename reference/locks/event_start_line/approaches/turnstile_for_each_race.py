"""A race is a lock that is held until it is decided; who passes gives it to the next, as at a turnstile."""

import threading
from collections.abc import Callable, Sequence
from typing import Any


class Turnstile:
    """Shut until the race is decided."""

    def __init__(self) -> None:
        self.answer: bool | None = None
        self.lock = threading.Lock()
        self.lock.acquire()


class StartLine:
    """Where runners wait for the signal, race after race."""

    def __init__(self) -> None:
        self._desk = threading.Lock()
        self._race = Turnstile()

    def wait(self, patience: float | None = None) -> bool:
        race = self._race
        if race.answer is None and race.lock.acquire(timeout=-1 if patience is None else patience):
            race.lock.release()
        return race.answer is True

    def _decide(self, answer: bool) -> None:
        with self._desk:
            race = self._race
            if race.answer is None:
                race.answer = answer
                race.lock.release()

    def fire(self) -> None:
        self._decide(True)

    def call_off(self) -> None:
        self._decide(False)

    def has_started(self) -> bool:
        return self._race.answer is True

    def line_up(self) -> None:
        with self._desk:
            if self._race.answer is not None:
                self._race = Turnstile()


def hold_race(
    line: StartLine,
    runners: Sequence[Any],
    step_up: Callable[[Any], object],
    starter: Callable[[], bool],
    run: Callable[[Any], object],
) -> bool:
    """Let all runners wait at the line and go at the starter's word; return whether the race was started."""
    line.line_up()

    def lane(runner: Any) -> None:
        step_up(runner)
        if line.wait():
            run(runner)

    lanes = []
    for runner in runners:
        lanes.append(threading.Thread(target=lane, args=(runner,)))
        lanes[-1].start()
    try:
        if starter():
            line.fire()
        else:
            line.call_off()
    except Exception:
        line.call_off()
        raise
    finally:
        for thread in lanes:
            thread.join()
    return line.has_started()
