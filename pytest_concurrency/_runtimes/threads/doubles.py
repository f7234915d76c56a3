"""Locks and queues that obey the controller inside a run and delegate to the real ones outside."""

from __future__ import annotations

import _queue
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.clock import to_ns
from pytest_concurrency._core.model import READ, WRITE, Operation
from pytest_concurrency._runtimes import real
from pytest_concurrency._runtimes.threads import plain
from pytest_concurrency._runtimes.threads.current import here
from pytest_concurrency._runtimes.watching import STANDARD, WATCHED

if TYPE_CHECKING:
    from types import FrameType, TracebackType

    from pytest_concurrency._runtimes.threads.controller import Controller, Task
    from pytest_concurrency._runtimes.watching import Watch

FOREIGN_POLL: Final = 0.01


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


class Double:
    """What all doubles share: the real object, and their state in the present run.

    Attributes:
        real: The real lock or queue: the only truth about who may go on.
        made: (file, line) of the frame outside the standard library that made it.
        owner_of: The object the user sees, if this lock lies inside one (an Event, a Queue).
    """

    __slots__ = ("__weakref__", "count", "holder", "kind", "made", "op_check", "op_give",
                 "op_take", "op_try", "part_of", "real", "run", "thread", "waiters")  # fmt: skip

    kind: str
    holder: Task | None
    waiters: list[Task]
    run: Controller | None

    def join_run(self, run: Controller, number: int) -> None:
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

    def abandon(self) -> None:
        """Leave a run that is over, free for the next user."""
        self.run = None
        self.holder = None
        self.waiters = []


def _note_maker(double: Double, frame: FrameType | None) -> None:
    """Find the line that made a double, and the user's object that it is part of."""
    part_of = None
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name not in _INNER_MODULES:
            break
        if frame.f_code.co_name == "__init__":
            part_of = frame.f_locals.get("self", part_of)
        frame = frame.f_back
    double.made = (frame.f_code.co_filename, frame.f_lineno) if frame is not None else ("", 0)
    double.part_of = part_of if part_of is not double else None


_INNER_MODULES: Final = frozenset(
    {
        __name__,
        "threading",
        "queue",
        "concurrent.futures._base",
        "concurrent.futures.thread",
        "multiprocessing.pool",
        "pytest_concurrency._runtimes.threads.patching",
    }
)


class _LockMeta(type):
    """Makes `isinstance(x, threading.Lock)` true for real locks too."""

    _real: type

    def __call__(cls, frame: FrameType | None = None, original: Any = None) -> Any:
        """Make a double where one belongs, else the real thing."""
        if original is None:
            frame = sys._getframe(1) if frame is None else frame
            if here.task is None and not policy.wants_double(frame):
                return real.allocate_lock() if cls._real is real.LockType else real.make_rlock()
        return type.__call__(cls, frame, original)

    def __instancecheck__(cls, instance: object) -> bool:
        return type(instance) is cls or type.__instancecheck__(cls._real, instance)


class LockDouble(Double, metaclass=_LockMeta):
    """A `threading.Lock` under control."""

    __slots__ = ("is_waiter",)
    _real = real.LockType
    kind = "Lock"

    def __init__(self, frame: FrameType | None = None, original: Any = None) -> None:
        self.real = real.allocate_lock() if original is None else original
        self.run = None
        self.holder = None
        self.count = 0
        self.thread = 0
        self.is_waiter = False
        self.part_of = None
        _note_maker(self, sys._getframe(1) if frame is None else frame)

    @property  # type: ignore[misc] # answers with the real type, as DESIGN asks of a drop-in
    def __class__(self) -> type:
        return real.LockType

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: FBT001,FBT002
        task = here.task
        if task is None:
            return acquire_plain(self, blocking, timeout)
        if timeout != -1 and (not blocking or timeout < 0 or timeout > _TIMEOUT_MAX):
            return bool(self.real.acquire(blocking, timeout))  # raises what it should
        if not blocking:
            return take(task, self, 0)
        return take(task, self, None if timeout == -1 else to_ns(timeout))

    acquire_lock = acquire

    def release(self) -> None:
        task = here.task
        if task is None:
            release_plain(self)
            run = self.run
            if run is not None:
                self.holder = None
                if self.waiters:
                    run.poke(self.waiters)
            return
        give(task, self)

    release_lock = release

    def locked(self) -> bool:
        task = here.task
        if task is not None:
            look(task, self)
        return bool(self.real.locked())

    locked_lock = locked

    def __enter__(self) -> bool:
        task = here.task
        if task is None:
            return acquire_plain(self, True, -1)
        return take(task, self, None)

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

    def _at_fork_reinit(self) -> None:
        self.real._at_fork_reinit()
        self.abandon()

    def __repr__(self) -> str:
        return repr(self.real)


class RLockDouble(Double, metaclass=_LockMeta):
    """A `threading.RLock` under control."""

    __slots__ = ()
    _real = real.RLockType
    kind = "RLock"

    def __init__(self, frame: FrameType | None = None, original: Any = None) -> None:
        self.real = real.make_rlock() if original is None else original
        self.run = None
        self.holder = None
        self.count = 0
        self.thread = 0
        self.part_of = None
        _note_maker(self, sys._getframe(1) if frame is None else frame)

    @property  # type: ignore[misc] # answers with the real type, as DESIGN asks of a drop-in
    def __class__(self) -> type:
        return real.RLockType

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: FBT001,FBT002
        task = here.task
        if task is None:
            return acquire_plain(self, blocking, timeout)
        if timeout != -1 and (not blocking or timeout < 0 or timeout > _TIMEOUT_MAX):
            return bool(self.real.acquire(blocking, timeout))  # raises what it should
        if self.holder is task and self.run is task.controller:
            self.real.acquire(False)
            self.count += 1
            return True
        if not blocking:
            return take(task, self, 0)
        return take(task, self, None if timeout == -1 else to_ns(timeout))

    __enter__ = acquire

    def release(self) -> None:
        task = here.task
        if task is None:
            release_plain(self)
            if self.run is not None and self.waiters and not self.real._is_owned():
                self.run.poke(self.waiters)
            return
        if self.run is task.controller and self.holder is task and self.count > 1:
            self.real.release()
            self.count -= 1
            return
        give(task, self)

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
            look(task, self)
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
                self.run.poke(self.waiters)
            return state
        if self.run is not task.controller:
            task.controller.adopt(self)
        reach_giving(task, self)
        saved = (self.real._release_save(), self.count)
        free(task, self)
        return saved

    def _acquire_restore(self, saved: Any) -> None:
        task = here.task
        if task is None:
            acquire_plain(self, True, -1)
            for _ in range(saved[0] - 1):
                self.real.acquire(False)
            return
        take(task, self, None)
        state, count = saved
        self.real.release()
        self.real._acquire_restore(state)
        self.count = count

    def _at_fork_reinit(self) -> None:
        self.real._at_fork_reinit()
        self.abandon()

    def abandon(self) -> None:
        if self.holder is not None:
            self.real = real.make_rlock()  # the old one belongs to a thread that is gone
        super().abandon()

    def __repr__(self) -> str:
        return repr(self.real)


class _QueueMeta(type):
    def __call__(cls) -> Any:
        """Make a double where one belongs, else the real thing."""
        if here.task is None and not policy.wants_double(sys._getframe(1)):
            return real.SimpleQueue()
        return type.__call__(cls)

    def __instancecheck__(cls, instance: object) -> bool:
        return type(instance) is cls or type(instance) is real.SimpleQueue


class SimpleQueueDouble(Double, metaclass=_QueueMeta):
    """A `queue.SimpleQueue` under control: one atomic object."""

    __slots__ = ()
    kind = "SimpleQueue"

    def join_run(self, run: Controller, number: int) -> None:
        super().join_run(run, number)
        self.op_take = ("get", self.op_take[1])
        self.op_give = ("put", self.op_give[1])

    def __init__(self) -> None:
        self.real = real.SimpleQueue()
        self.run = None
        self.holder = None
        self.count = 0
        self.thread = 0
        self.part_of = None
        _note_maker(self, sys._getframe(1))

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:  # noqa: FBT001,FBT002
        task = here.task
        if task is None:
            self.real.put(item)
            if self.run is not None and self.waiters:
                self.run.poke(self.waiters)
            return
        run = task.controller
        if self.run is not run:
            run.adopt(self)
        run.reach(task, self.op_give)
        self.real.put(item)
        run.progress_at = run.steps
        for waiter in self.waiters:
            run.enable(waiter)

    def put_nowait(self, item: Any) -> None:
        self.put(item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:  # noqa: FBT001,FBT002
        task = here.task
        if task is None:
            return get_plain(self, block, timeout)
        if timeout is not None and timeout < 0:
            raise ValueError("'timeout' must be a non-negative number")
        run = task.controller
        if self.run is not run:
            run.adopt(self)
        if block:
            wait_for(task, self, None if timeout is None else to_ns(timeout))
        else:
            run.reach(task, self.op_try)
        item = self.real.get(False)
        run.progress_at = run.steps
        if self.waiters and self.real.empty():
            for waiter in self.waiters:
                run.disable(waiter)
        return item

    def get_nowait(self) -> Any:
        return self.get(block=False)

    def empty(self) -> bool:
        task = here.task
        if task is not None:
            look(task, self)
        return self.real.empty()

    def qsize(self) -> int:
        task = here.task
        if task is not None:
            look(task, self)
        return self.real.qsize()

    def is_free(self) -> bool:
        """Whether a `get` would not wait."""
        return not self.real.empty()


_TIMEOUT_MAX: Final = 9223372036.0


def acquire_plain(lock: Any, blocking: bool, timeout: float) -> bool:  # noqa: FBT001 # as `acquire` takes them
    """Acquire a lock outside a run."""
    if timeout == -1 and blocking:
        if not lock.real.acquire(False):
            plain.wait_for_lock(lock)
    elif blocking and plain.PATIENCE < timeout <= _TIMEOUT_MAX:
        if not lock.real.acquire(False) and not plain.wait_for_lock(lock, timeout):
            return False
    elif not lock.real.acquire(blocking, timeout):
        return False
    lock.thread = plain.mine.mark
    if plain.waits.order is not None:
        plain.waits.order.took(lock, may_wait=blocking and timeout == -1)
    return True


def get_plain(queue: Any, block: bool, timeout: float | None) -> Any:  # noqa: FBT001 # as `get` takes them
    """Get an item outside a run."""
    if not block or (timeout is not None and not timeout > plain.PATIENCE):
        return queue.real.get(block, timeout)
    try:
        return queue.real.get(False)
    except _queue.Empty:
        idle = sys._getframe(2).f_code.co_name == "_worker"  # of concurrent.futures.thread
    return plain.wait_for_item(queue, timeout, idle=idle)


def release_plain(lock: Any) -> None:
    """Release a lock outside a run; while a verdict unwinds its thread this never fails."""
    if lock.kind == "Lock":
        lock.thread = 0
    if plain.waits.order is not None:
        plain.waits.order.gave(lock)
    try:
        lock.real.release()
    except RuntimeError:
        if not plain.is_unwinding():
            raise


def wait_for(task: Task, double: Any, timeout_ns: int | None) -> None:
    """Announce an operation that may have to wait, and return when it may go on or timed out."""
    run = task.controller
    if run.stopping:
        raise run.unwind(task)
    token = 0
    if timeout_ns is not None:
        token = run.clock.add(run.clock.now_ns + timeout_ns, task.id)
    task.timed_out = False
    waiters = double.waiters
    waiters.append(task)
    if (double.holder is None) if double.kind != "SimpleQueue" else double.is_free():
        task.waits_for = double
        run.reach(task, double.op_take)
        task.waits_for = None
        if run.stopping:
            raise run.unwind(task)
    else:
        run.block(task, double.op_take, double)
    waiters.remove(task)
    if token and not task.timed_out:
        run.clock.cancel(token)


def take(task: Task, lock: LockDouble | RLockDouble, timeout_ns: int | None) -> bool:
    """Acquire a lock for a task; `timeout_ns` None waits for ever, 0 does not wait."""
    run = task.controller
    if run.stopping:
        raise run.unwind(task)
    if lock.run is not run:
        run.adopt(lock)
        if lock.kind == "Lock" and lock.is_waiter:  # type: ignore[union-attr] # Lock only
            lock.real.acquire(False)  # a waiter lock of Condition: nobody else knows it yet
            lock.holder = task
            return True
        _adopt_holder(task, lock)
    if timeout_ns == 0:
        run.reach(task, lock.op_try)
        if run.stopping:
            raise run.unwind(task)
        if lock.holder is not None or not lock.real.acquire(False):
            return False
    else:
        wait_for(task, lock, timeout_ns)
        if lock.holder is not None:
            return False
        if not lock.real.acquire(False) and not _take_foreign(task, lock, timeout_ns):
            return False
    lock.holder = task
    lock.count = 1
    for waiter in lock.waiters:
        run.disable(waiter)
    return True


def _adopt_holder(task: Task, lock: LockDouble | RLockDouble) -> None:
    """Find out who of the run held a lock before the run touched it."""
    root = task.controller.root
    held = lock.real.locked() if lock.kind == "Lock" else not _could_take(lock)
    if held and lock.thread == root.ident:
        lock.holder = root
        lock.count = 1


def _could_take(lock: Any) -> bool:
    if lock.real.acquire(False):
        lock.real.release()
        return True
    return False


def _take_foreign(task: Task, lock: Any, timeout_ns: int | None) -> bool:
    """Wait in real time for a lock that a thread outside the run holds."""
    run = task.controller
    deadline = None if timeout_ns is None else real.monotonic_ns() + timeout_ns
    with run.step_outside(task, "a lock that another thread holds"):
        while not lock.real.acquire(True, FOREIGN_POLL):
            if run.stopping or (deadline is not None and real.monotonic_ns() > deadline):
                break
        else:
            return True
    if run.stopping:
        raise run.unwind(task)
    return False


def reach_giving(task: Task, lock: Any) -> None:
    """Offer the switch that belongs before a release."""
    run = task.controller
    if not run.stopping:
        run.reach(task, lock.op_give)


def make_waiter() -> Any:
    """Make the lock on which `Condition.wait` waits."""
    if here.task is None:
        return _make_plain_waiter(sys._getframe(1).f_locals.get("self"))
    lock = LockDouble(sys._getframe(1))
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
    lock.made, lock.part_of = of.made, condition
    return lock


def give(task: Task, lock: LockDouble | RLockDouble) -> None:
    """Release a lock for a task; in a run that is being stopped it never fails."""
    run = task.controller
    if run.stopping:
        if lock.run is run and lock.holder is not None and lock.kind == "Lock":
            lock.holder = None
            lock.real.release()
        elif lock.run is run and lock.holder is task:
            lock.real.release()
            lock.holder = None
        return
    if lock.run is not run:
        run.adopt(lock)
    if not (lock.kind == "Lock" and lock.is_waiter):  # type: ignore[union-attr] # Lock only
        run.reach(task, lock.op_give)
    lock.real.release()
    free(task, lock)


def free(task: Task, lock: Any) -> None:
    """Note that a lock is free, and enable those who wait for it."""
    run = task.controller
    lock.holder = None
    for waiter in lock.waiters:
        run.enable(waiter)


def look(task: Task, double: Any) -> None:
    """Offer the switch that belongs before a question about an object's state."""
    run = task.controller
    if run.stopping:
        return
    if double.run is not run:
        run.adopt(double)
    run.reach(task, double.op_check)
