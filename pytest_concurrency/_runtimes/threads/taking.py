"""How a task, or a thread outside a run, takes a lock, waits for it, and gives it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine import outside
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import real_waits as plain

if TYPE_CHECKING:
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._runtimes.threads.locks import LockDouble, RLockDouble

FOREIGN_POLL: Final = 0.01
TIMEOUT_MAX: Final = 9223372036.0  # seconds, as threading has it


def acquire_plain(lock: Any, blocking: bool, timeout: float) -> bool:  # noqa: FBT001 # as `acquire` takes them
    """Acquire a lock outside a run."""
    if timeout == -1 and blocking:
        if not lock.real.acquire(False):
            plain.wait_for_lock(lock)
    elif blocking and plain.PATIENCE < timeout <= TIMEOUT_MAX:
        if not lock.real.acquire(False) and not plain.wait_for_lock(lock, timeout):
            return False
    elif not lock.real.acquire(blocking, timeout):
        return False
    lock.thread = plain.mine.mark
    if plain.waits.order is not None:
        plain.waits.order.took(lock, may_wait=blocking and timeout == -1)
    return True


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
    run = task.run
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
    run = task.run
    if run.stopping:
        raise run.unwind(task)
    if lock.run is not run:
        run.adopt(lock)
        if lock.kind == "Lock" and lock.is_waiter:  # type: ignore[union-attr] # Lock only
            lock.real.acquire(False)  # a waiter lock of Condition: nobody else knows it yet
            lock.holder = task
            return True
        _adopt_holder(task, lock)
        if lock.holder is task and lock.kind == "RLock":
            lock.real.acquire(False)
            lock.count += 1
            return True
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
    root = task.run.root
    if lock.kind == "RLock" and lock.real._is_owned():  # the caller's own, taken before the run
        lock.holder = task
        lock.count = lock.real._recursion_count()
        return
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
    run = task.run
    deadline = None if timeout_ns is None else real.monotonic_ns() + timeout_ns
    with outside.step_outside(run, task, "a lock that another thread holds"):
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
    run = task.run
    if not run.stopping:
        run.reach(task, lock.op_give)


def give(task: Task, lock: LockDouble | RLockDouble) -> None:
    """Release a lock for a task; in a run that is being stopped it never fails."""
    run = task.run
    if run.stopping:
        if lock.run is run and lock.holder is not None and lock.kind == "Lock":
            lock.holder = None
            lock.real.release()
        elif lock.run is run and lock.holder is task:
            lock.real.release()
            lock.count -= 1
            if not lock.count:
                lock.holder = None
        return
    if lock.run is not run:
        run.adopt(lock)
        if lock.kind == "RLock":
            _adopt_holder(task, lock)
    if lock.count > 1 and lock.holder is task:  # an RLock taken more than once
        lock.real.release()
        lock.count -= 1
        return
    if not (lock.kind == "Lock" and lock.is_waiter):  # type: ignore[union-attr] # Lock only
        run.reach(task, lock.op_give)
    lock.real.release()
    free(task, lock)


def free(task: Task, lock: Any) -> None:
    """Note that a lock is free, and enable those who wait for it."""
    run = task.run
    lock.holder = None
    for waiter in lock.waiters:
        run.enable(waiter)


def look(task: Task, double: Any) -> None:
    """Offer the switch that belongs before a question about an object's state."""
    run = task.run
    if run.stopping:
        return
    if double.run is not run:
        run.adopt(double)
        if double.kind != "SimpleQueue":
            _adopt_holder(task, double)
    run.reach(task, double.op_check)
