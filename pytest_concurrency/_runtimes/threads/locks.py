"""Locks that obey the run inside a run and delegate to the real ones outside."""

from __future__ import annotations

import re
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._machine import debuggers, real
from pytest_concurrency._runtimes.threads import real_waits
from pytest_concurrency._runtimes.threads.makers import maker
from pytest_concurrency._runtimes.threads.taking import LockBase
from pytest_concurrency._sight.watching import policy

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pytest_concurrency._engine.task import Task

KEEPS_THE_TURN: Final = True
_EVENT: Final = getattr(threading.Event.__init__, "__code__", None)  # none where others have put their own there
_THREAD: Final = getattr(threading.Thread.__init__, "__code__", None)


def _is_of_thread(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_code is _THREAD and here.task is not None


class _LockMeta(type):
    """Makes `isinstance(x, threading.Lock)` true for real locks too."""

    _real: type
    _make_real: Callable[..., Any]

    def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> _LockMeta:
        if any(type(base) is _LockMeta for base in bases):
            raise TypeError(f"type '{bases[0].__module__}.{bases[0].__qualname__}' is not an acceptable base type")
        return type.__new__(cls, name, bases, space)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make a double where one belongs, else the real thing, which alone judges arguments."""
        lock = cls._make_real(*args, **kwargs)
        frame = sys._getframe(1)
        if frame.f_code is _EVENT and _is_of_thread(frame.f_back):
            return lock  # of what says that a thread has started: nobody of a run waits for that, or sets it
        if here.task is not None and debuggers.is_at_work(frame):
            return lock
        return cls.around(lock, frame) if here.task is not None or policy.wants_double(frame) else lock

    def around(cls, lock: Any, frame: FrameType) -> Any:
        """Make a double of a real lock, on behalf of the frame."""
        double = type.__call__(cls, lock, *maker(frame))
        if here.task is not None and not here.task.run.stopping:
            double.is_born(here.task.run)  # at once: numbers by order of making are steady
        return double

    def __instancecheck__(cls, instance: object) -> bool:
        return type(instance) is cls or type.__instancecheck__(cls._real, instance)


class LockDouble(LockBase, metaclass=_LockMeta):
    """A `threading.Lock` under control."""

    __module__, __qualname__ = "threading", "Lock"  # where pickle finds it
    __slots__ = ()
    _real = real.LockType
    _make_real = staticmethod(threading.Lock)
    kind = "Lock"

    def give_plain(self) -> None:
        """Release it outside a run: also for a task that holds it."""
        self.thread = 0
        super().give_plain()
        if self.run is not None:
            self.holder = None
        self.poke()

    acquire_lock = LockBase.acquire
    release_lock = LockBase.release

    def locked(self) -> bool:
        task = here.task
        if task is not None:
            self.look(task)
        return bool(self.real.locked())

    locked_lock = locked

    def holder_now(self) -> Any:
        if self.holder is not None or self.inner or not self.real.locked():
            return self.holder
        return self.thread or None

    def is_hopeless(self, *, own: bool) -> bool:
        return bool(self.real.locked())

    def _is_owned(self) -> bool:
        """Answer what `Condition` asks, without the try-acquire that it would use itself."""
        return bool(self.real.locked())

    def adopt_holder(self, task: Task) -> None:
        self.is_held_by_root(task, held=self.real.locked())

    def give_silently(self, task: Task) -> None:
        if self.holder is not None:
            self.holder = None
            self.real.release()

    def abandon(self) -> None:
        if self.holder is not None and not self.thread and self.real.locked():
            self.real.release()  # a schedule that leaves its lock taken must not stop the next one
            self.given_back()
        super().abandon()


_OWNER: Final = re.compile(r"owner=(\d+)")


class RLockDouble(LockBase, metaclass=_LockMeta):
    """A `threading.RLock` under control."""

    __module__, __qualname__ = "threading", "RLock"  # where pickle finds it
    __slots__ = ()
    _real = real.RLockType
    _make_real = staticmethod(real.make_rlock)
    kind = "RLock"

    def take(self, task: Task, timeout_ns: int | None) -> bool:
        """Acquire it for a task, once more if the task has it already."""
        return self._again(task) or super().take(task, timeout_ns)

    def _again(self, task: Task) -> bool:
        if self.holder is not task or self.run is not task.run:
            return False
        if task.run.listener is not None:
            task.run.listener.takes_again(task, self)
        self.real.acquire(False)
        self.count += 1
        return True

    def _is_taken_at_once(self, task: Task) -> bool:
        return super()._is_taken_at_once(task) or self._again(task)

    def give_plain(self) -> None:
        """Release it outside a run."""
        super().give_plain()
        if not self.real._is_owned():
            self.poke()

    def locked(self) -> bool:
        task = here.task
        if task is not None:
            self.look(task)
            return self.holder is not None
        return bool(self.real.locked())

    def holder_now(self) -> Any:
        if self.holder is not None:
            return self.holder
        owner = _OWNER.search(repr(self.real))
        return self.thread if owner is not None and int(owner[1]) == self.thread != 0 else None

    def is_hopeless(self, *, own: bool) -> bool:
        if self.real._is_owned():  # by the thread that asks
            return not own
        if self.real.acquire(False):
            self.real.release()
            return False
        return True

    def _is_owned(self) -> bool:
        return bool(self.real._is_owned())

    def _recursion_count(self) -> int:
        return int(self.real._recursion_count())

    def _release_save(self) -> Any:
        task = here.task
        if task is None:
            if waits.order is not None:
                waits.order.gave_up(self)
            state = self.real._release_save()
            self.poke()
            return state
        if self.run is not task.run:
            task.run.adopt(self)
        self.reach_giving(task)
        saved = (self.real._release_save(), self.count)
        self.free(task)
        return saved

    def _acquire_restore(self, saved: Any) -> None:
        task = here.task
        if task is None:
            real_waits.acquire(self, True, -1)
            for _ in range(saved[0] - 1):
                self.real.acquire(False)
            return
        state, count = saved
        try:
            self.take(task, None)
        except Unwind:
            if self.take_back(task):
                self._restore(state, count)
            raise
        self._restore(state, count)

    def _restore(self, state: Any, count: int) -> None:
        """Let it be taken as often as it was before."""
        self.real.release()
        self.real._acquire_restore(state)
        self.count = count

    def adopt_holder(self, task: Task) -> None:
        if self.real._is_owned():  # the caller's own, taken before the run
            self.holder = task
            self.count = self.real._recursion_count()
            return
        free = self.real.acquire(False)
        if free:
            self.real.release()
        self.is_held_by_root(task, held=not free)

    def give_silently(self, task: Task) -> None:
        if self.holder is task:
            self.real.release()
            self.count -= 1
            if not self.count:
                self.holder = None

    def abandon(self) -> None:
        if self.holder is not None and not self.real._is_owned():
            self.real = real.make_rlock()  # the old one belongs to a thread that is gone
            self.given_back()
        super().abandon()


def make_waiter() -> Any:
    """Make the lock on which `Condition.wait` waits."""
    if here.task is not None and debuggers.is_at_work(sys._getframe(1)):
        return real.allocate_lock()
    if here.task is not None:  # adopted when first acquired
        return type.__call__(LockDouble, real.allocate_lock(), *maker(sys._getframe(1)), inner=True)
    condition: Any = sys._getframe(1).f_locals.get("self")
    of = getattr(condition, "_lock", None)
    if type(of) is not LockDouble and type(of) is not RLockDouble:
        return real.allocate_lock()
    return type.__call__(LockDouble, real.allocate_lock(), of.made, of.inside, condition, inner=True)
