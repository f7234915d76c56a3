"""Locks that obey the run inside a run and delegate to the real ones outside."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.clock import to_ns
from pytest_concurrency._engine import outside
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.resource import Resource, note_maker, policy
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import real_waits as plain
from pytest_concurrency._runtimes.threads import taking as waiting

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType


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
        return cls.around(lock, frame) if here.task is not None or policy.wants_double(frame) else lock

    def around(cls, lock: Any, frame: FrameType) -> Any:
        """Make a double of a real lock, on behalf of the frame."""
        double = type.__call__(cls, lock, frame)
        if here.task is not None and not here.task.run.stopping:
            here.task.run.adopt(double)  # at once: numbers by order of making are steady
        return double

    def __instancecheck__(cls, instance: object) -> bool:
        return type(instance) is cls or type.__instancecheck__(cls._real, instance)


class LockDouble(Resource, metaclass=_LockMeta):
    """A `threading.Lock` under control."""

    __module__, __qualname__ = "threading", "Lock"  # where pickle finds it
    __slots__ = ("is_waiter",)
    _real = real.LockType
    _make_real = staticmethod(threading.Lock)
    kind = "Lock"

    def __init__(self, lock: Any, frame: FrameType) -> None:
        self.real = lock
        self.run = None
        self.holder = None
        self.count = 0
        self.thread = 0
        self.is_waiter = False
        self.part_of = None
        note_maker(self, frame)

    @property  # type: ignore[misc] # answers with the real type, as DESIGN asks of a drop-in
    def __class__(self) -> type:
        return real.LockType

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: FBT001,FBT002
        task = here.task
        if task is None:
            return waiting.acquire_plain(self, blocking, timeout)
        if timeout != -1 and (not blocking or timeout < 0 or timeout > waiting.TIMEOUT_MAX):
            return bool(self.real.acquire(blocking, timeout))  # raises what it should
        if not blocking:
            return waiting.take(task, self, 0)
        return waiting.take(task, self, None if timeout == -1 else to_ns(timeout))

    acquire_lock = acquire

    def release(self) -> None:
        task = here.task
        if task is None:
            waiting.release_plain(self)
            run = self.run
            if run is not None:
                self.holder = None
                if self.waiters:
                    outside.poke(run, self.waiters)
            return
        waiting.give(task, self)

    release_lock = release

    def locked(self) -> bool:
        task = here.task
        if task is not None:
            waiting.look(task, self)
        return bool(self.real.locked())

    locked_lock = locked

    def __enter__(self) -> bool:
        task = here.task
        if task is None:
            return waiting.acquire_plain(self, True, -1)
        return waiting.take(task, self, None)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    def _is_owned(self) -> bool:
        """Answer what `Condition` asks, without the try-acquire that it would use itself."""
        return bool(self.real.locked())

    def abandon(self) -> None:
        if self.holder is not None and not self.thread and self.real.locked():
            self.real.release()  # a schedule that leaves its lock taken must not stop the next one
        super().abandon()

    def _at_fork_reinit(self) -> None:
        self.real._at_fork_reinit()
        self.abandon()

    def __repr__(self) -> str:
        return repr(self.real)


class RLockDouble(Resource, metaclass=_LockMeta):
    """A `threading.RLock` under control."""

    __module__, __qualname__ = "threading", "RLock"  # where pickle finds it
    __slots__ = ()
    _real = real.RLockType
    _make_real = staticmethod(real.make_rlock)
    kind = "RLock"

    def __init__(self, lock: Any, frame: FrameType) -> None:
        self.real = lock
        self.run = None
        self.holder = None
        self.count = 0
        self.thread = 0
        self.part_of = None
        note_maker(self, frame)

    @property  # type: ignore[misc] # answers with the real type, as DESIGN asks of a drop-in
    def __class__(self) -> type:
        return real.RLockType

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: FBT001,FBT002
        task = here.task
        if task is None:
            return waiting.acquire_plain(self, blocking, timeout)
        if timeout != -1 and (not blocking or timeout < 0 or timeout > waiting.TIMEOUT_MAX):
            return bool(self.real.acquire(blocking, timeout))  # raises what it should
        if self.holder is task and self.run is task.run:
            self.real.acquire(False)
            self.count += 1
            return True
        if not blocking:
            return waiting.take(task, self, 0)
        return waiting.take(task, self, None if timeout == -1 else to_ns(timeout))

    __enter__ = acquire

    def release(self) -> None:
        task = here.task
        if task is None:
            waiting.release_plain(self)
            if self.run is not None and self.waiters and not self.real._is_owned():
                outside.poke(self.run, self.waiters)
            return
        waiting.give(task, self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    def locked(self) -> bool:
        task = here.task
        if task is not None:
            waiting.look(task, self)
            return self.holder is not None
        return bool(self.real.locked())

    def _is_owned(self) -> bool:
        return bool(self.real._is_owned())

    def _recursion_count(self) -> int:
        return int(self.real._recursion_count())

    def _release_save(self) -> Any:
        task = here.task
        if task is None:
            if plain.waits.order is not None:
                plain.waits.order.gave_up(self)
            state = self.real._release_save()
            if self.run is not None and self.waiters:
                outside.poke(self.run, self.waiters)
            return state
        if self.run is not task.run:
            task.run.adopt(self)
        waiting.reach_giving(task, self)
        saved = (self.real._release_save(), self.count)
        waiting.free(task, self)
        return saved

    def _acquire_restore(self, saved: Any) -> None:
        task = here.task
        if task is None:
            waiting.acquire_plain(self, True, -1)
            for _ in range(saved[0] - 1):
                self.real.acquire(False)
            return
        waiting.take(task, self, None)
        state, count = saved
        self.real.release()
        self.real._acquire_restore(state)
        self.count = count

    def _at_fork_reinit(self) -> None:
        self.real._at_fork_reinit()
        self.abandon()

    def abandon(self) -> None:
        if self.holder is not None and not self.real._is_owned():
            self.real = real.make_rlock()  # the old one belongs to a thread that is gone
        super().abandon()

    def __repr__(self) -> str:
        return repr(self.real)


def make_waiter() -> Any:
    """Make the lock on which `Condition.wait` waits."""
    if here.task is None:
        return _make_plain_waiter(sys._getframe(1).f_locals.get("self"))
    lock: LockDouble = type.__call__(LockDouble, real.allocate_lock(), sys._getframe(1))  # adopted when first acquired
    lock.is_waiter = True
    return lock


def _make_plain_waiter(condition: Any) -> Any:
    """Make a waiter lock outside a run: a double where the condition's own lock is one."""
    of = getattr(condition, "_lock", None)
    if type(of) is not LockDouble and type(of) is not RLockDouble:
        return real.allocate_lock()
    lock: LockDouble = object.__new__(LockDouble)
    lock.real = real.allocate_lock()
    lock.run = lock.holder = None
    lock.count = lock.thread = 0
    lock.waiters = []
    lock.is_waiter = True
    lock.made, lock.inside, lock.part_of = of.made, of.inside, condition
    return lock
