"""What processes meet at: semaphores, pipes, shared memory, as the process that decides knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ, WRITE
from pytest_concurrency._core.verbs import operation
from pytest_concurrency._engine.resource import Resource

if TYPE_CHECKING:
    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._engine.task import Task


class Meeting(Resource):
    """One such thing, under a key that is the same in every process.

    In a process that does not decide it is a name only: key, form and the line that made it.

    Attributes:
        key: Tells it from all others.
        is_held: Whether who has taken it holds it.
    """

    __slots__ = ("key",)

    kind = ""
    is_held = False

    def __init__(self, key: tuple[Any, ...], made: tuple[str, int]) -> None:
        super().__init__(None, made, (), None)
        self.key = key

    @property
    def name(self) -> tuple[Any, ...]:
        """What the other side needs to know it by."""
        return (self.key, self.kind, self.made)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return named, self.name

    def op(self, verb: str) -> Operation:
        """Return an operation on it: `take`, `give`, `try`, `look`, or another verb, which changes it."""
        ready = {"take": self.op_take, "give": self.op_give, "try": self.op_try, "look": self.op_check}
        return ready.get(verb) or operation(verb, self.touched(verb))

    def touched(self, verb: str) -> tuple[tuple[object, int], ...]:
        """Return what an operation touches."""
        return ((("sync", self.number), READ if verb == "poll" else WRITE),)

    def taken(self, task: Task, *, is_empty: bool) -> None:
        """Note that a task has taken it, and whether that leaves nothing for others."""
        if self.is_held:
            self.holder = task
        if is_empty:
            for waiter in self.waiters:
                if not waiter.timed_out:
                    task.run.disable(waiter)

    def given(self, task: Task) -> None:
        """Note that there is something to be taken, perhaps."""
        self.holder = None
        for waiter in self.waiters:
            task.run.enable(waiter)

    def is_hopeless(self, *, own: bool) -> bool:
        return False


class LockMeeting(Meeting):
    """A `Lock`."""

    __slots__ = ()
    kind = "Lock"
    is_held = True


class RLockMeeting(LockMeeting):
    """An `RLock`."""

    __slots__ = ()
    kind = "RLock"


class SemaphoreMeeting(Meeting):
    """A `Semaphore`, of which several may have one at a time, and anybody gives back."""

    __slots__ = ()
    kind = "Semaphore"
    takes, gives = "take from", "give to"


class BoundedSemaphoreMeeting(SemaphoreMeeting):
    """A `BoundedSemaphore`."""

    __slots__ = ()
    kind = "BoundedSemaphore"


class StreamMeeting(Meeting):
    """What goes from one end of a pipe to the other."""

    __slots__ = ()
    kind = "Connection"
    takes, gives, waits_in = "get", "put", "recv"


class SimpleQueueMeeting(Meeting):
    """A queue of one process, where only its threads meet."""

    __slots__ = ()
    kind = "SimpleQueue"
    takes, gives, waits_in = "get", "put", "get"


class ValueMeeting(Meeting):
    """A value in shared memory."""

    __slots__ = ()
    kind = "Value"
    takes, gives = "read", "write"


class ArrayMeeting(ValueMeeting):
    """An array in shared memory."""

    __slots__ = ()
    kind = "Array"


class FileMeeting(Meeting):
    """What is in a file, whoever has it open, and in whichever map it is."""

    __slots__ = ()
    kind = "File"
    takes, gives = "read", "write"


class NamesMeeting(FileMeeting):
    """The names of files."""

    __slots__ = ()
    kind = "Names"


class FileLockMeeting(Meeting):
    """The lock that the system has for a file; its path stands where others have the line that made them."""

    __slots__ = ()
    kind = "FileLock"
    is_held = True

    @property
    def waits_in(self) -> str:  # type: ignore[override] # two functions wait in the same way
        return str(self.key[0])

    @property
    def called(self) -> str:
        """What a report calls it."""
        return f"the lock of {self.made[0].rpartition('/')[2]}"


KINDS: Final[dict[str, type[Meeting]]] = {
    each.kind: each
    for each in (LockMeeting, RLockMeeting, SemaphoreMeeting, BoundedSemaphoreMeeting, StreamMeeting,
                 SimpleQueueMeeting, ValueMeeting, ArrayMeeting, FileMeeting, NamesMeeting, FileLockMeeting)
}  # fmt: skip


def named(key: tuple[Any, ...], kind: str, made: tuple[str, int]) -> Meeting:
    """Return the thing of that name, as a process has it that has not met it yet."""
    return KINDS[kind](key, made)
