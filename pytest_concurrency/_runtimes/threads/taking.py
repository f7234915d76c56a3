"""What all locks share: how a task, or a thread outside a run, takes one, waits for it, and gives it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.clock import to_ns
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import handlers, real_waits

if TYPE_CHECKING:
    from types import TracebackType

    from pytest_concurrency._engine.task import Task

KEEPS_THE_TURN: Final = True
FOREIGN_POLL: Final = 0.01


class LockBase(Resource):
    """A lock under control inside a run; outside it delegates to the real one."""

    __slots__ = ("_was_given_back",)
    _real: type

    @property  # type: ignore[misc] # answers with the real type, as DESIGN asks of a drop-in
    def __class__(self) -> type:
        return self._real

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: FBT001,FBT002
        task = here.task
        if task is None:
            return real_waits.acquire(self, blocking, timeout)
        if timeout != -1 and (not blocking or timeout < 0 or timeout > real.TIMEOUT_MAX):
            return bool(self.real.acquire(blocking, timeout))  # raises what it should
        if not blocking:
            return self.take(task, 0)
        return self.take(task, None if timeout == -1 else to_ns(timeout))

    def release(self) -> None:
        task = here.task
        if handlers.entered and handlers.goes_out(self):
            return
        if task is None:
            self.give_plain()
        else:
            self.give(task)

    def __enter__(self) -> bool:
        task = here.task
        return real_waits.acquire(self, True, -1) if task is None else self.take(task, None)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()

    def _at_fork_reinit(self) -> None:
        self.real._at_fork_reinit()
        self.abandon()

    def __repr__(self) -> str:
        return repr(self.real)

    # -- in a run

    def take(self, task: Task, timeout_ns: int | None) -> bool:
        """Acquire it for a task; `timeout_ns` None waits for ever, 0 does not wait."""
        run = task.run
        if run.stopping:
            raise run.unwind(task)
        task.has_the_turn()
        if self.run is not run and self._is_taken_at_once(task):
            return True
        if timeout_ns == 0:
            run.reach(task, self.op_try)
            if run.stopping:
                raise run.unwind(task)
            if self.holder is not None or not self.real.acquire(False):
                return False
        else:
            if self.holder is task and handlers.goes_in(self):
                return True
            task.stand_in_line(self, timeout_ns, free=self.holder is None)
            if self.holder is not None:
                return False
            if not self.real.acquire(False) and not self._take_foreign(task, timeout_ns):
                return False
        self.holder = task
        self.count = 1
        for waiter in self.waiters:
            if not waiter.timed_out:  # else it goes on, to say that it gave up: no deadline would let it go on again
                run.disable(waiter)
        return True

    def _is_taken_at_once(self, task: Task) -> bool:
        """Become part of the run; tell whether that is all, as nobody else can know the lock yet."""
        task.run.adopt(self)
        if self.inner:
            self.real.acquire(False)
            self.holder = task
            return True
        self.adopt_holder(task)
        return False

    def is_held_by_root(self, task: Task, *, held: bool) -> None:
        """Note, if it is held, that the scenario's own thread took it before the run."""
        root = task.run.root
        if held and self.thread == root.ident:
            self.holder = root
            self.count = 1

    def _take_foreign(self, task: Task, timeout_ns: int | None) -> bool:
        """Wait in real time for a lock that a thread outside the run holds."""
        run = task.run
        deadline = None if timeout_ns is None else real.monotonic_ns() + timeout_ns
        with run.outside.stepping(task, "a lock that another thread holds"):
            while not self.real.acquire(True, FOREIGN_POLL):
                if run.stopping or (deadline is not None and real.monotonic_ns() > deadline):
                    break
            else:
                return True
        if run.stopping:
            raise run.unwind(task)
        return False

    def take_back(self, task: Task) -> bool:
        """Take it if nobody has it, for a task that is unwound out of `Condition.wait`: it is promised there."""
        if self.run is not task.run or self.holder is not None or not self.real.acquire(False):
            return False
        self.holder = task
        self.count = 1
        return True

    def reach_giving(self, task: Task) -> None:
        """Offer the switch that belongs before a release."""
        run = task.run
        if not run.stopping:
            run.reach(task, self.op_give)

    def give(self, task: Task) -> None:
        """Release it for a task; in a run that is being stopped it never fails."""
        run = task.run
        if run.stopping:
            if self.run is run:
                self.give_silently(task)
            return
        if self.run is not run:
            if self._is_forgiven():
                return
            run.adopt(self)
            self.adopt_holder(task)
        if self.count > 1 and self.holder is task:  # taken more than once
            self.real.release()
            self.count -= 1
            return
        if not self.inner:
            purpose = task.purpose
            run.reach(task, self.op_give if purpose is None or purpose[0] is not self else purpose[2])
        self.real.release()
        self.free(task)

    def give_silently(self, task: Task) -> None:
        """Release it if it is held, while the run is being stopped."""
        raise NotImplementedError

    def free(self, task: Task) -> None:
        """Note that it is free, and enable those who wait for it."""
        run = task.run
        self.holder = None
        for waiter in self.waiters:
            run.enable(waiter)

    # -- outside a run

    def give_plain(self) -> None:
        """Release it outside a run."""
        try:
            real_waits.release(self)
        except RuntimeError:
            if not self._is_forgiven():
                raise

    def given_back(self) -> None:
        """Note that the run has given it back for who holds it over its end: a generator in a `with`, for one."""
        self._was_given_back = self.is_of_run  # one from before is the next one's to take

    def _is_forgiven(self) -> bool:
        """Tell, once, whether who releases it had it over the end of its run."""
        forgiven: bool = getattr(self, "_was_given_back", False)
        self._was_given_back = False
        return forgiven

    def taken_by(self, mark: int) -> None:
        """Note which thread has taken it outside a run; whether it still has it, the real lock tells."""
        self.thread = mark

    def poke(self) -> None:
        """Tell a run that a thread outside has released what its tasks wait for."""
        run: Any = self.run
        if run is not None and self.waiters:
            run.outside.poke(self.waiters)
