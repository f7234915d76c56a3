"""What all doubles share: the real object, who made it, and their state in the present run."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ, WRITE, Operation
from pytest_concurrency._sight.watching import STANDARD, WATCHED

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.watching import Watch


class _Policy:
    """Which code outside a run gets doubles: none until a watch is set."""

    watch: Watch | None = None

    def wants_double(self, frame: FrameType | None) -> bool:
        """Tell whether the first frame outside the standard library is watched."""
        if self.watch is None:
            return False
        while frame is not None:
            kind = self.watch.kind(frame.f_code.co_filename)
            if kind is WATCHED:
                return True
            if kind is not STANDARD:
                return False
            frame = frame.f_back
        return False


policy = _Policy()


class Resource:
    """What all doubles share: the real object, and their state in the present run.

    Attributes:
        real: The real lock or queue: the only truth about who may go on.
        made: (file, line) of the frame outside the standard library that made it.
        inside: The lines of the standard library through which it was made there: the locks of one
            executor are made at one line of the user's, and are not of one class.
    """

    __slots__ = ("__weakref__", "_part_of", "count", "holder", "inside", "kind", "made", "op_check", "op_give",
                 "op_take", "op_try", "real", "run", "thread", "waiters")  # fmt: skip

    kind: str
    real: Any
    made: tuple[str, int]
    inside: tuple[int, ...]
    _part_of: Callable[[], Any]
    thread: int
    count: int
    holder: Task | None
    waiters: list[Task]
    run: Run | None

    @property
    def part_of(self) -> Any:
        """The object the user sees, if this lock lies inside one (an Event, a Queue) that still lives."""
        return self._part_of()

    @part_of.setter
    def part_of(self, owner: Any) -> None:
        # Weak: a cycle would keep what the user lets go of, an executor for one, until the next collection.
        self._part_of = _nothing if owner is None else weakref.ref(owner)

    def lock_class(self, number: int) -> tuple[object, ...]:
        """Return what is equal for locks that are made by the same code; `number` tells apart what nobody made."""
        return (self.kind, self.made, self.inside) if self.made[1] else ("lock", number)

    def join_run(self, run: Run, number: int) -> None:
        """Take part in a run, under a number that equal choices make equal."""
        key = ("sync", number)
        self.run = run
        self.holder = None
        self.count = 0
        self.waiters = []
        self.op_take: Operation = ("acquire", ((key, WRITE),))
        self.op_give: Operation = ("release", ((key, WRITE),))
        self.op_try: Operation = ("try", ((key, WRITE),))
        self.op_check: Operation = ("look", ((key, READ),))

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Refuse to be copied or pickled, in the words of the real thing."""
        return self.real.__reduce_ex__(protocol)

    def abandon(self) -> None:
        """Leave a run that is over, free for the next user."""
        self.run = None
        self.holder = None
        self.waiters = []


def _nothing() -> None:
    """Stand in for a reference to a user's object, where there is none."""


def note_maker(double: Resource, frame: FrameType | None) -> None:
    """Find the line that made a double, and the user's object that it is part of."""
    part_of = None
    inside: tuple[int, ...] = ()
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name not in _INNER_MODULES or frame.f_code.co_name == "<module>":
            break
        inside = (*inside, frame.f_lineno)
        if frame.f_code.co_name == "__init__":
            part_of = frame.f_locals.get("self", part_of)
        frame = frame.f_back
    double.made = (frame.f_code.co_filename, frame.f_lineno) if frame is not None else ("", 0)
    double.inside = inside
    double.part_of = part_of if part_of is not double else None


_INNER_MODULES: Final = frozenset(
    {
        "pytest_concurrency._runtimes.threads.locks",
        "pytest_concurrency._runtimes.threads.simple_queue",
        "threading",
        "queue",
        "concurrent.futures._base",
        "concurrent.futures.process",
        "concurrent.futures.thread",
        "multiprocessing.pool",
        "pytest_concurrency._runtimes.threads.installing",
        "pytest_concurrency._oracles.timeouts",
    }
)
