"""How long threads of this process wanted to run and had to wait, measured while a block runs."""

from __future__ import annotations

import os
from typing import Final, Self

from pytest_concurrency._core.timing import Noise
from pytest_concurrency._machine import real

PERIOD: Final = 0.02
_TASKS: Final = "/proc/self/task"


class NoiseMeter:
    """Adds up delays from `__enter__` to `__exit__`; a thread of its own lives in between.

    On Linux the system tells for each thread how long it stood in line for a CPU; the thread looks
    now and then, so that threads that end meanwhile are counted. Elsewhere only its own late
    awakenings show how busy the machine is.
    """

    def __init__(self) -> None:
        self.noise = Noise()
        self._stop = real.allocate_lock()
        self._ended = real.allocate_lock()
        self._late_ns = 0
        self._first: dict[str, int] = {}
        self._last: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._first = _delays()
        self._stop.acquire()
        self._ended.acquire()
        real.start_new_thread(self._main, ())
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.release()
        self._ended.acquire()
        waited = sum(delay - self._first.get(name, 0) for name, delay in self._last.items())
        self.noise = Noise(self._late_ns, waited)

    def _main(self) -> None:
        own = f"{_TASKS}/{_native_id()}"
        try:
            while True:
                wanted = real.perf_counter_ns() + round(PERIOD * 1e9)
                stopped = self._stop.acquire(timeout=PERIOD)
                if not stopped and not self._first:  # where it is unknown: the GIL counts as noise too
                    self._late_ns = max(self._late_ns, real.perf_counter_ns() - wanted)
                for name, delay in _delays().items():
                    if not own.endswith(f"/{name}"):
                        self._last[name] = max(delay, self._last.get(name, 0))
                if stopped:
                    return
        finally:
            self._ended.release()


def _native_id() -> int:
    import threading

    return threading.get_native_id()


def _delays() -> dict[str, int]:
    """Return for each thread how many nanoseconds it has stood in line for a CPU."""
    found = {}
    try:
        names = os.listdir(_TASKS)
    except OSError:
        return {}
    for name in names:
        try:
            with open(f"{_TASKS}/{name}/schedstat", encoding="ascii") as file:
                found[name] = int(file.read().split()[1])
        except (OSError, ValueError, IndexError):
            continue
    return found
