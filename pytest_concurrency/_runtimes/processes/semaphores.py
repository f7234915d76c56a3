"""Semaphores of multiprocessing, from which its locks, conditions, events and barriers are built."""

from __future__ import annotations

import contextlib
import functools
import gc
import sys
import weakref
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.clock import NS, to_ns
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._runtimes.processes.meeting import KINDS, Meeting, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.processes.board import Board

_RECURSIVE: Final = 0


class Semaphores:
    """What stands in for the methods of `multiprocessing.synchronize.SemLock`.

    The real semaphore is asked last, without waiting, and is the only truth.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._before: dict[int, tuple[Any, int]] = {}

    def restore(self, met: set[int] | None) -> None:
        """Give what was made before the runs the value that it had: a killed process gives nothing back.

        Args:
            met: The handles of those that may be otherwise, None for all: what threads from elsewhere hold is theirs.
        """
        for sem, value in self._before.values():
            if met is not None and sem.handle not in met:
                continue
            while sem._count() > 0 and sem.kind == _RECURSIVE:
                sem.release()
            while sem._get_value() < value:
                _post(sem)
            while sem._get_value() > value and sem.acquire(False):
                pass

    def look(self) -> None:
        """Take what was made before the runs as it is now: a process from before them has had it meanwhile."""
        for key, (sem, _) in self._before.items():
            self._before[key] = sem, sem._get_value()

    def install(self, patches: Patches) -> None:
        """Put them in place, also in what was made before."""
        from multiprocessing import synchronize

        owner: Any = synchronize.SemLock
        getstate, setstate, doubles = owner.__getstate__, owner.__setstate__, self

        def make_methods(lock: Any) -> None:
            doubles.bind(lock, doubles.made(lock))

        def pickled(lock: Any) -> Any:
            state = getstate(lock)
            return (state, lock._concurrency.name) if doubles._board.is_launching else state

        def unpickled(lock: Any, state: Any) -> None:
            if type(state[0]) is tuple:
                setstate(lock, state[0])
                doubles.bind(lock, named(*state[1]))
            else:
                setstate(lock, state)

        patches.set(owner, "_make_methods", make_methods)
        patches.set(owner, "__getstate__", pickled)
        patches.set(owner, "__setstate__", unpickled)
        patches.set(owner, "__enter__", lambda lock: lock.acquire())
        patches.set(owner, "__exit__", lambda lock, *_: lock.release())
        patches.set(synchronize.Semaphore, "get_value", lambda lock: doubles.value(lock))
        for each, lock in _made_before():
            self._before.setdefault(id(lock._semlock), (lock._semlock, lock._semlock._get_value()))
            found = self._methods(lock._semlock, lock.__dict__.setdefault("_concurrency", self._from_before(lock)))
            for name, method in zip(("acquire", "release"), found, strict=True):
                patches.set(each, name, method)

    def made(self, lock: Any) -> Meeting:
        """Return the name of a semaphore that is being made."""
        return self._board.met(_kind(lock)) if self._board.task() is not None else self._from_before(lock)

    def _from_before(self, lock: Any) -> Meeting:
        return named(("before", lock._semlock.handle), _kind(lock), ("", 0))

    def bind(self, lock: Any, meeting: Meeting) -> None:
        """Give a semaphore its methods."""
        lock._concurrency = meeting
        lock.acquire, lock.release = self._methods(lock._semlock, meeting)

    def _methods(self, sem: Any, meeting: Meeting) -> tuple[Any, Any]:
        # They refer to the real semaphore, as those of multiprocessing do: no cycle keeps the object alive.
        return functools.partial(self.acquire, sem, meeting), functools.partial(self.release, sem, meeting)

    # -- what they do

    def acquire(self, sem: Any, meeting: Meeting, block: bool = True, timeout: float | None = None) -> bool:  # noqa: FBT001,FBT002
        """Stand in for `acquire`."""
        task = self._board.task()
        if task is None or (sem.kind == _RECURSIVE and sem._is_mine()):
            return bool(sem.acquire(block, timeout))
        if task.run.stopping:
            raise task.run.unwind(task)
        if not block or (timeout is not None and timeout <= 0):
            self._board.desk.reach(task, meeting, "try")
            return self._takes(task, sem, meeting)
        return self._waits(task, sem, meeting, timeout)

    def _waits(self, task: Task, sem: Any, meeting: Meeting, timeout: float | None) -> bool:
        clock, desk = task.run.clock, self._board.desk
        until = None if timeout is None else clock.now_ns + to_ns(timeout)
        free = not sem._is_zero()
        while True:
            left = None if until is None else max(until - clock.now_ns, 0)
            is_late = not free and self._is_outside(task, sem, meeting, until)
            is_late = desk.line(task, meeting, "take", left, free=is_late or not sem._is_zero()) or is_late
            if self._takes(task, sem, meeting):
                return True
            if is_late:
                return False
            free = False

    def _is_outside(self, task: Task, sem: Any, meeting: Meeting, until: int | None) -> bool:
        """Wait in real time for who is from before the run and may have it; tell whether the time is up."""

        def comes(seconds: float) -> bool:
            if got := sem.acquire(True, seconds):
                sem.release()
            return bool(got)

        seconds = None if until is None else max(until - task.run.clock.now_ns, 0) / NS
        if not self._board.awaits(task, meeting, comes, seconds) or not sem._is_zero() or until is None:
            return False
        task.run.outside.took_until(task, until)
        return True

    def _takes(self, task: Task, sem: Any, meeting: Meeting) -> bool:
        if not sem.acquire(False):
            return False
        self._board.desk.taken(task, meeting, is_empty=sem._is_zero())
        return True

    def release(self, sem: Any, meeting: Meeting) -> None:
        """Stand in for `release`."""
        task = self._board.task()
        if task is None or (sem.kind == _RECURSIVE and (not sem._is_mine() or sem._count() > 1)):
            sem.release()
            return
        if task.run.stopping:
            _give_back(sem)
            return
        try:
            self._board.desk.reach(task, meeting, "give")
        except Unwind:  # nobody else gives it back, where a process from before has a part in it
            _give_back(sem)
            raise
        sem.release()
        self._board.desk.given(task, meeting)

    def value(self, lock: Any) -> int:
        """Stand in for `get_value`."""
        task = self._board.task()
        if task is not None and not task.run.stopping:
            self._board.desk.reach(task, lock._concurrency, "look")
        return int(lock._semlock._get_value())


def _give_back(sem: Any) -> None:
    with contextlib.suppress(ValueError, AssertionError):  # of another, or free already
        sem.release()


def _post(sem: Any) -> None:
    """Release a semaphore, whoever has it."""
    if sem.kind != _RECURSIVE:
        sem.release()
        return
    import ctypes  # few need it

    ctypes.CDLL(None).sem_post(ctypes.c_void_p(sem.handle))


def _kind(lock: Any) -> str:
    name = type(lock).__name__
    return name if name in KINDS else "Semaphore"


def _made_before() -> Iterator[tuple[Any, Any]]:
    """Yield (who keeps methods of it, the semaphore) for every one that lives."""
    from multiprocessing import synchronize, util

    registry: Any = util._afterfork_registry  # type: ignore[attr-defined] # knows them all
    found = [each for each in list(registry.values()) if isinstance(each, synchronize.SemLock)]
    yield from ((each, each) for each in found)
    if not found:
        return
    made = (*util._afterfork_registry.keys(), *util._finalizer_registry)  # type: ignore[attr-defined] # semaphores, memory
    for each in (keeper() for keeper in _keepers(made)):
        if each is not None and isinstance(each.__dict__.get("_lock"), synchronize.SemLock):
            yield each, each._lock


@functools.lru_cache(maxsize=1)
def _keepers(_made: tuple[Any, ...]) -> list[weakref.ref[Any]]:
    """Return what may keep methods of a semaphore; it is looked for again when anything has been made meanwhile."""
    from multiprocessing import synchronize

    shared: Any = sys.modules.get("multiprocessing.sharedctypes")
    kinds: list[Any] = [synchronize.Condition, *(() if shared is None else (shared.SynchronizedBase,))]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    # Its class is all that is known of one; to ask every object of a long session is slow.
    return [weakref.ref(each) for each in gc.get_referrers(*kinds) if type(each) in kinds]
