"""A `queue.SimpleQueue` that obeys the run inside a run and is real outside."""

from __future__ import annotations

import _queue
import sys
from types import GenericAlias
from typing import Any, Final, Self

from pytest_concurrency._core.clock import to_ns
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._hangs.slices import PATIENCE
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import real_waits
from pytest_concurrency._runtimes.threads.makers import maker
from pytest_concurrency._sight.watching import policy

KEEPS_THE_TURN: Final = True


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
    waits_in = "get"
    takes, gives = "get", "put"

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Self:
        """Make it complete: the `__init__` of a subclass need not call this one's."""
        self = object.__new__(cls)
        made, inside, part_of = maker(sys._getframe(1))
        Resource.__init__(self, real.SimpleQueue(), made, inside, None if part_of is self else part_of)
        return self

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        """Leave it as it is."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:  # noqa: FBT001,FBT002
        task = here.task
        if task is None:
            self.real.put(item)
            if self.run is not None and self.waiters:
                self.run.outside.poke(self.waiters)
            return
        run = task.run
        if self.run is not run:
            run.adopt(self)
        run.reach(task, self.op_give)
        if waits.anybody_for(self):
            run.outside.wakes(task)
        self.real.put(item)
        run.progressed()
        for waiter in self.waiters:
            run.enable(waiter)

    def put_nowait(self, item: Any) -> None:
        self.put(item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:  # noqa: FBT001,FBT002
        task = here.task
        if task is None:
            return get_plain(self, block, timeout)
        if block and timeout is not None and not 0 <= timeout <= real.TIMEOUT_MAX:
            return self.real.get(block, timeout)  # raises what it should
        run = task.run
        if self.run is not run:
            run.adopt(self)
        if block:
            task.has_the_turn()
            task.stand_in_line(self, None if timeout is None else to_ns(timeout), free=not self.real.empty())
        else:
            run.reach(task, self.op_try)
        item = self.real.get(False)
        run.progressed()
        if self.waiters and self.real.empty():
            for waiter in self.waiters:
                if not waiter.timed_out:
                    run.disable(waiter)
        return item

    def get_nowait(self) -> Any:
        return self.get(block=False)

    def empty(self) -> bool:
        task = here.task
        if task is not None:
            self.look(task)
        return bool(self.real.empty())

    def qsize(self) -> int:
        task = here.task
        if task is not None:
            self.look(task)
        return int(self.real.qsize())

    def is_hopeless(self, *, own: bool) -> bool:
        """Whether it still has no item."""
        return bool(self.real.empty())


def get_plain(queue: Any, block: bool, timeout: float | None) -> Any:  # noqa: FBT001 # as `get` takes them
    """Get an item outside a run."""
    if not block or (timeout is not None and not PATIENCE < timeout <= real.TIMEOUT_MAX):
        return queue.real.get(block, timeout)
    try:
        return queue.real.get(False)
    except _queue.Empty:
        idle = sys._getframe(2).f_code.co_name == "_worker"  # of concurrent.futures.thread
    return real_waits.wait_for_item(queue, timeout, idle=idle)
