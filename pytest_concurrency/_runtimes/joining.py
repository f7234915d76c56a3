"""What can be joined: one protocol for threads, futures, executors, child processes, and what is yet to come."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from pytest_concurrency._engine.current import here
from pytest_concurrency._machine import real
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    import threading

    from pytest_concurrency._core.telling.report import Place, TaskState
    from pytest_concurrency._sight.watching import Watch


class Joinable(Protocol):
    """Something that ends by itself, one hopes.

    Attributes:
        name: What a report calls it.
        made: Where it was made, if that is known.
    """

    name: str
    made: Place | None

    def wait(self, seconds: float | None) -> bool:
        """Wait for its end, at most so long; tell whether it has ended. None is for ever."""

    def errors(self, *, check: bool = True) -> list[BaseException]:
        """Return what it ended with, if it has ended badly; without `check` an exit status does not count."""

    def states(self) -> list[TaskState]:
        """Return where it is now."""

    def clean_up(self) -> str:
        """End it if possible; return in words what became of it."""


class Worker(Joinable, Protocol):
    """Something that a test has started with a function of its own.

    Attributes:
        told: Whether somebody has been given the error of the function.
        run: In which run it was started; None for none.
    """

    told: bool
    run: Any

    @property
    def thread(self) -> threading.Thread:
        """The thread in which it runs."""

    @property
    def value(self) -> Any:
        """What the function returned; None while it has not."""


class Origins:
    """Where watched code has started threads, processes and the like.

    Attributes:
        watch: Whose lines count.
    """

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self._places: WeakKeyDictionary[Any, Place] = WeakKeyDictionary()

    def note(self, thing: Any) -> None:
        """Note that something is started by whoever has called into the package."""
        place = self.caller()
        if place is not None:
            self._places[thing] = place

    def of(self, thing: Any) -> Place | None:
        """Return where something was started, if that is known; None for what nobody could have noted."""
        try:
            return self._places.get(thing)
        except TypeError:  # neither hashable nor weakly referable
            return None

    def caller(self) -> Place | None:
        """Return the innermost line of the user's own."""
        frame = stacks.user_frame(sys._getframe(1), self.watch)
        return stacks.frame_place(frame) if frame is not None else None


def present_run() -> Any:
    """Return the run that the calling thread takes part in, or None."""
    task = here.task
    return None if task is None else task.run


def counts(run: Any) -> bool:
    """Tell whether what nobody has looked at is to be told: not of a run that has failed itself, or was broken off."""
    return run is None or (run.record.error is None and run.record.finding is None)


def now() -> float:
    """Return seconds on the clock that the calling thread lives by."""
    task = here.task
    return real.monotonic() if task is None else task.run.clock.now_ns / 1e9


def is_a(thing: object, module: str, name: str) -> bool:
    """Tell whether something is of a class, without importing the module that has it."""
    kind = getattr(sys.modules.get(module), name, None)
    return kind is not None and isinstance(thing, kind)
