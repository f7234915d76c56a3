"""A thing that tasks meet at: a lock, a queue."""

from __future__ import annotations

import functools
import weakref
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.operations import PASSES, READ, WRITE, Controlled, Operation
from pytest_concurrency._core.verbs import operation

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._engine.task import Task


class Resource(Controlled):
    """What all doubles share: the real object, and their state in the present run.

    Attributes:
        kind: What reports call it.
        real: The real lock or queue: the only truth about who may go on.
        made: (file, line) of the frame outside the standard library that made it.
        inside: The lines of the standard library through which it was made there: the locks of one
            executor are made at one line of the user's, and are not of one class.
        inner: Whether it is the lock of one waiter inside a condition's wait, which nobody sees.
        run: The run that it takes part in, or None.
        is_of_run: Whether that run has made it, so that all that was done to it was seen.
        number: Its number in that run: equal choices give equal numbers.
        holder: The task that holds it.
        count: How often that task holds it.
        waiters: Who stands in line.
        waits_in: The method in which one waits for it, as a report says it.
        thread: Who took it outside a run, as far as that is known; 0 for nobody.
    """

    __slots__ = ("__weakref__", "_part_of", "count", "holder", "inner", "inside", "is_of_run", "made", "number",
                 "op_check", "op_give", "op_take", "op_try", "real", "run", "thread", "waiters")  # fmt: skip

    kind: str
    waits_in = "acquire"
    takes, gives = "acquire", "release"
    real: Any
    made: tuple[str, int]
    inside: tuple[int, ...]
    thread: int
    number: int
    op_take: Operation
    op_give: Operation
    op_try: Operation
    op_check: Operation

    def __init__(
        self, real: Any, made: tuple[str, int], inside: tuple[int, ...], part_of: Any, *, inner: bool = False
    ) -> None:
        self.real = real
        self.made = made
        self.inside = inside
        self._part_of: Callable[[], Any] = _nothing if part_of is None else weakref.ref(part_of)
        self.inner = inner
        self.run: Any = None
        self.is_of_run = False
        self.number = 0
        self.holder: Task | None = None
        self.count = 0
        self.thread = 0
        self.waiters: list[Task] = []

    @property
    def part_of(self) -> Any:
        """The object the user sees, if this lock lies inside one (an Event, a Queue) that still lives."""
        # Weak: a cycle would keep what the user lets go of, an executor for one, until the next collection.
        return self._part_of()

    @property
    def is_left(self) -> bool:
        """Whether the object that it lies inside is gone."""
        return self._part_of is not _nothing and self._part_of() is None

    @property
    def called(self) -> str:
        """What a report calls it, whatever of the library waits at it; "" for its kind and the line that made it."""
        return ""

    @property
    def further(self) -> str:
        """What a report says behind its name where somebody waits for it."""
        return ""

    def has_come(self, task: Task) -> bool:
        """Tell whether what a task waits for here has come though nobody of the run has said so."""
        return False

    def is_halted(self) -> None:
        """Hear that the run is over, and that its tasks are about to be unwound."""

    def lock_class(self, number: int) -> tuple[object, ...]:
        """Return what is equal for locks that are made by the same code; `number` tells apart what nobody made."""
        return (self.kind, self.made, self.inside) if self.made[1] else ("lock", number)

    def is_born(self, run: Any) -> None:
        """Take part in the run that makes it."""
        run.adopt(self)
        self.is_of_run = True

    def join_run(self, run: Any, number: int) -> None:
        """Take part in a run, under a number that equal choices make equal."""
        self.run = run
        self.number = number
        self.holder = None
        self.count = 0
        self.waiters = []
        self.op_take, self.op_give, self.op_try, self.op_check = _operations(self.takes, self.gives, number)

    def holder_now(self) -> Any:
        """Return who holds it, a task or in real time a thread's mark; None where nobody does, or can."""
        return self.holder

    def is_hopeless(self, *, own: bool) -> bool:
        """Tell whether it is certain that it is still not to be had, in real time.

        Args:
            own: Whether who asks is the thread that waits for it.
        """
        raise NotImplementedError

    def adopt_holder(self, task: Task) -> None:
        """Find out who of the run held it before the run touched it."""

    def ops_about(self, mode: int) -> tuple[Resource, Operation, Operation]:
        """Return itself with its two operations as parts of what is done to the event that it belongs to."""
        key = ("sync", self.number)
        return self, operation(self.takes, ((key, mode),)), operation(self.gives, ((key, PASSES),))

    def look(self, task: Task) -> None:
        """Offer the switch that belongs before a question about its state."""
        run = task.run
        if run.stopping:
            return
        if self.run is not run:
            run.adopt(self)
            self.adopt_holder(task)
        run.reach(task, self.op_check)

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Refuse to be copied or pickled, in the words of the real thing."""
        return self.real.__reduce_ex__(protocol)

    def abandon(self) -> None:
        """Leave a run that is over, free for the next user."""
        self.run = None
        self.is_of_run = False
        self.holder = None
        self.waiters = []


@functools.lru_cache(maxsize=1024)
def _operations(takes: str, gives: str, number: int) -> tuple[Operation, Operation, Operation, Operation]:
    """Return what can be done to what has this number: to take it, to give it, to try it, to look at it."""
    key = ("sync", number)
    written = ((key, WRITE),)
    return operation(takes, written), operation(gives, written), operation("try", written), _look(key)


def _look(key: Any) -> Operation:
    return operation("look", ((key, READ),))


def _nothing() -> None:
    """Stand in for a reference to a user's object, where there is none."""


def ask_again(run: Any) -> bool:
    """Enable those of a run for whom something has come though nobody has said so; tell whether anybody can go on."""
    for task in run.tasks:
        if isinstance(task.waits_for, Resource) and not task.outside and task.waits_for.has_come(task):
            run.shared.note_opaque()  # who has done it, and when, was not seen: nothing is proved
            run.enable(task)
    return bool(run.runnable)
