"""A `queue.SimpleQueue` that obeys the run inside a run and is real outside."""

from __future__ import annotations

import _queue
import sys
from types import GenericAlias
from typing import TYPE_CHECKING, Any, Self

from pytest_concurrency._core.clock import to_ns
from pytest_concurrency._engine import outside
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.resource import Resource, note_maker, policy
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import real_waits as plain
from pytest_concurrency._runtimes.threads import taking as waiting

if TYPE_CHECKING:
    from pytest_concurrency._engine.run import Run


class _QueueMeta(type):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make a double where one belongs, else the real thing; of a subclass, always a double."""
        if cls is SimpleQueueDouble:
            queue: Any = real.SimpleQueue(*args, **kwargs)  # which refuses arguments
            if here.task is None and not policy.wants_double(sys._getframe(1)):
                return queue
        return type.__call__(cls, *args, **kwargs)

    def __instancecheck__(cls, instance: object) -> bool:
        found = type.__instancecheck__(cls, instance)
        return found or (cls is SimpleQueueDouble and isinstance(instance, real.SimpleQueue))


class SimpleQueueDouble(Resource, metaclass=_QueueMeta):
    """A `queue.SimpleQueue` under control: one atomic object."""

    __module__, __qualname__ = "queue", "SimpleQueue"  # where pickle finds it
    __slots__ = ()
    __class_getitem__ = classmethod(GenericAlias)  # type: ignore[var-annotated] # as the real one has
    kind = "SimpleQueue"

    def join_run(self, run: Run, number: int) -> None:
        super().join_run(run, number)
        self.op_take = ("get", self.op_take[1])
        self.op_give = ("put", self.op_give[1])

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Self:
        """Make it complete: the `__init__` of a subclass need not call this one's."""
        self = object.__new__(cls)
        self.real = real.SimpleQueue()
        self.run = None
        self.holder = None
        self.count = 0
        self.thread = 0
        self.part_of = None
        note_maker(self, sys._getframe(1))
        return self

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:  # noqa: FBT001,FBT002
        task = here.task
        if task is None:
            self.real.put(item)
            if self.run is not None and self.waiters:
                outside.poke(self.run, self.waiters)
            return
        run = task.run
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
        if block and timeout is not None and not 0 <= timeout <= waiting.TIMEOUT_MAX:
            return self.real.get(block, timeout)  # raises what it should
        run = task.run
        if self.run is not run:
            run.adopt(self)
        if block:
            waiting.wait_for(task, self, None if timeout is None else to_ns(timeout))
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
            waiting.look(task, self)
        return bool(self.real.empty())

    def qsize(self) -> int:
        task = here.task
        if task is not None:
            waiting.look(task, self)
        return int(self.real.qsize())

    def is_free(self) -> bool:
        """Whether a `get` would not wait."""
        return not self.real.empty()


def get_plain(queue: Any, block: bool, timeout: float | None) -> Any:  # noqa: FBT001 # as `get` takes them
    """Get an item outside a run."""
    if not block or (timeout is not None and not plain.PATIENCE < timeout <= waiting.TIMEOUT_MAX):
        return queue.real.get(block, timeout)
    try:
        return queue.real.get(False)
    except _queue.Empty:
        idle = sys._getframe(2).f_code.co_name == "_worker"  # of concurrent.futures.thread
    return plain.wait_for_item(queue, timeout, idle=idle)
