"""Tasks of a kind that nobody has: couriers, who get their turn through a real queue, and pass the suite of kinds."""

from __future__ import annotations

import _queue
import contextlib
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from pytest_concurrency._core.clock import to_ns
from pytest_concurrency._core.operations import READ, WRITE
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._engine.task import ENDED, Task, Unwind
from pytest_concurrency._machine import real
from pytest_concurrency._machine.patches import Patches
from pytest_concurrency._sight.watching import Watch


class CourierTask(Task):
    """A courier: `go` puts a letter into its box, and `wait_for_turn` takes one out."""

    __slots__ = ("box", "ident")
    word = "Courier"

    def __init__(self, run: Any, name: str) -> None:
        super().__init__(run, len(run.tasks), run.numbering.name(name))
        self.box: Any = real.SimpleQueue()
        self.ident = 0

    def go(self) -> None:
        self.box.put("go")

    def wait_for_turn(self) -> None:
        self.box.get()

    def wait_a_moment(self, seconds: float) -> bool:
        try:
            return bool(self.box.get(True, seconds))
        except _queue.Empty:
            return False

    def clock_now(self) -> int:
        return real.monotonic_ns()  # never outside

    def frame(self) -> FrameType | None:
        return real.current_frames().get(self.ident)


class Courier:
    """What a scenario starts and joins."""

    def __init__(self, errand: Callable[[], object], name: str) -> None:
        starter = here.task
        assert starter is not None
        run = starter.run
        run.reach(starter, ("start", ((("task", len(run.tasks)), WRITE),)))
        self.task = task = CourierTask(run, name)
        run.add(task)
        task.ident = real.start_new_thread(self._main, (errand,))
        run.reach(starter, ("started", ()))

    def _main(self, errand: Callable[[], object]) -> None:
        task, run = self.task, self.task.run
        task.wait_for_turn()
        here.become(task)
        try:
            if not run.stopping:
                errand()
            if not run.stopping:
                run.reach(task, ("end", ((("task", task.id), WRITE),)))
        except Unwind:
            pass
        except BaseException as error:
            run.record.errors.append((task.name, error))
        here.become(None)
        run.end(task)

    def join(self, timeout: float | None = None) -> bool:
        mine, other = here.task, self.task
        assert mine is not None
        operation = ("join", ((("task", other.id), READ),))
        if other.state is ENDED:
            mine.run.reach(mine, operation)
        else:
            mine.join(other, operation, None if timeout is None else to_ns(timeout))
        return other.state is ENDED


class Hatch(Resource):
    """A lock that couriers meet at."""

    __slots__ = ()
    kind = "Hatch"

    def __init__(self, name: str) -> None:
        super().__init__(real.allocate_lock(), (name, 0), (), None)

    def take(self) -> None:
        task = here.task
        assert task is not None
        if self.run is not task.run:
            task.run.adopt(self)
        task.stand_in_line(self, None, free=self.holder is None)
        assert self.real.acquire(blocking=False)
        self.holder = task
        for waiter in self.waiters:
            task.run.disable(waiter)

    def give(self) -> None:
        task = here.task
        assert task is not None
        if task.run.stopping:
            return
        task.run.reach(task, self.op_give)
        self.real.release()
        self.holder = None
        for waiter in self.waiters:
            task.run.enable(waiter)


class Couriers:
    """The kind, as the stage needs it."""

    name = "couriers"

    def install(self, patches: Patches, watch: Watch) -> None: ...

    @contextlib.contextmanager
    def enter(self, patches: Patches, watch: Watch) -> Iterator[None]:
        yield

    def root(self, run: Any) -> Task:
        raise NotImplementedError("a scenario begins in a thread")

    def begin(self, run: Any) -> None: ...

    def closes(self, run: Any) -> None: ...

    def end(self, run: Any) -> None: ...
