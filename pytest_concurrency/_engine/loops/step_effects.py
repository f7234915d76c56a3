"""What a step of an event loop touches, gathered while it runs: where one thread is alive, nothing comes between.

What is not known to be seen is unknown, and such a step is taken to touch what all others touch.
"""

from __future__ import annotations

import contextvars
import functools
import types
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ, WRITE
from pytest_concurrency._core.verbs import UNTOLD, operation
from pytest_concurrency._engine.choosing import placed
from pytest_concurrency._engine.loops.strangers import strangers
from pytest_concurrency._engine.record import Finding
from pytest_concurrency._sight.site import FILES, OPAQUE, Doubtful, Lasting

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.site import Site

PACKAGES: Final = frozenset({"asyncio", "_asyncio", "gevent", "greenlet", "pytest_concurrency"})
"""Their objects are changed by code that nobody watches."""


_SHOWN: Final = frozenset({types.CoroutineType, types.AsyncGeneratorType, types.FrameType, contextvars.Context})
"""They show how somebody stands, or what variables somebody has."""


class StepEffects:
    """Gathers what the steps of one loop touch.

    Args:
        run: The run.
        loop: The key of the loop: who touches what nobody knows writes it, and all others read it.

    Attributes:
        op: What a step is said to do before it has run.
    """

    def __init__(self, run: Run, loop: object) -> None:
        self.op: Final[Operation] = operation(UNTOLD, ((loop, WRITE),))
        self._run = run
        self._all = operation("step", ((loop, WRITE),))
        self._loop = loop
        self._accesses: dict[object, int] | None = None  # None: unknown

    # -- a step

    def begins(self, part: Task) -> None:
        """Begin to gather: this one goes on."""
        self._accesses = None if self._run.shared.has_handed_out else {self._loop: READ}
        self.goes_on(part)
        self._run.shared.gathers(self)

    def tells(self, host: Task) -> None:
        """Tell the strategy what the step has touched."""
        run = self._run
        run.shared.gathers(None)
        if not run.single or run.stopping:  # others have taken part, or what was taken down says nothing
            return
        found = self._accesses
        op = self._all if found is None else operation("step", tuple(found.items()))
        try:
            run.choosing.strategy.did(op)
        except Exception as error:  # told by the driver, never to the scenario
            run.stop(host, Finding("strategy", placed(error, run.watch)))

    # -- what it touches

    def touches(self, key: object, mode: int = WRITE) -> None:
        """Note what is touched."""
        if self._accesses is not None:
            self._accesses[key] = max(mode, self._accesses.get(key, mode))

    def goes_on(self, part: Task) -> None:
        """Note who goes on."""
        self.touches(("part", part.id))

    def touches_line(self, mode: int = WRITE) -> None:
        """Note that what belongs to nobody is put in line."""
        self.touches(("line", self._loop), mode)

    def loses(self) -> None:
        """Note that nobody knows what is touched."""
        self._accesses = None

    def sees(self, task: Task, site: Site, frame: FrameType) -> None:
        """Note what watched code is about to touch."""
        run = self._run
        if run.stopping:
            return
        if run.numbering.held:
            run.numbering.let_go()
        touched: Any = site.look(task, frame)
        if touched is None or touched is OPAQUE or type(touched) is Lasting:
            self.enters(frame)
            return
        is_heard = type(touched) is Doubtful  # by code in Python, whose beginning is told
        for thing, part, mode in touched:
            kind: Any = type(thing)
            if thing is FILES or (not is_heard and is_of_loops(kind)):
                self.enters(frame)
            self.touches((run.serial(thing), part), mode)

    def enters(self, frame: FrameType) -> None:
        """Note that code begins, or goes on, that nobody watches."""
        self.loses()


def are_wanted(run: Run) -> bool:
    """Tell whether the effects of steps are to be gathered in a run; if so, code that nobody watches is heard."""
    is_told = run.guide is not None or run.recorder is not None
    return run.single and not is_told and run.choosing.strategy.learns and strangers.start(run.watch)


@functools.lru_cache(maxsize=1000)
def is_of_loops(kind: Any) -> bool:
    """Tell whether steps change objects of a type unseen: those of a library of event loops, or made from one."""
    return kind in _SHOWN or any(
        (getattr(base, "__module__", None) or "").partition(".")[0] in PACKAGES for base in kind.__mro__
    )
