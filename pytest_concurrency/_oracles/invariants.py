"""What must be true after every step, looked at without a step of its own."""

from __future__ import annotations

import inspect
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.oracles import Found, MisuseError
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.listener import Listener
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._oracles.oracle import Oracle
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.telling.report import Place
    from pytest_concurrency._core.verdict import Verdict
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._oracles.oracle import Asked, Explorer
    from pytest_concurrency._sight.site import Site, Touched
    from pytest_concurrency._sight.watching import Watch

_CAUSE: Final = (
    "others can see what is so after this step; what is true only while nobody holds a lock is to be asked "
    "under that lock"
)

Step = tuple["Task", str, "CodeType | None", int]
"""Who has done what, in which line of which code."""


class _HeldError(Exception):
    """Ends a look that would have to wait for a lock."""


class _StartsError(Exception):
    """Ends a look that would start a task."""


class Invariants(Oracle):
    """Looks at what the user's functions say of the state, whenever a task has changed something."""

    name = "invariants"

    def __init__(self, plan: Asked, watch: Watch) -> None:
        super().__init__(plan, watch)
        self._functions: tuple[Callable[[], Any], ...] = plan.oracles.extras.get("invariant", ())
        self._waiting: dict[Any, bool] = {}  # what had to wait when it was to be looked at: whether it always had to
        if self._functions:
            self.doubt = "an invariant looks at what no search sees"

    def prepare(self, number: int | None, *, replay: bool) -> bool:
        """Listen to every run, if there is anything to look at."""
        return bool(self._functions)

    def listens(self, run: ListenedRun) -> Listener | None:
        """Return what looks."""
        return InvariantListener(run, self._functions, self._waiting) if self._functions else None

    def after(self, explorer: Explorer, verdict: Verdict) -> Verdict:
        """Refuse what had to wait at every step of every run: nobody has seen whether it holds.

        Raises:
            MisuseError: There is such a function.
        """
        for function, always in self._waiting.items():
            if always:
                raise MisuseError(
                    f"invariant must be a function that can be looked at, got {_named(function)}: it had to wait "
                    "each time, for a sleep or for what nobody gives it"
                )
        return verdict


class _Look(Listener):
    """Hears what an invariant does, and lets it neither wait nor start anybody."""

    def __init__(self) -> None:
        self._done: list[Operation] = []
        self._taken: list[Resource] = []

    def reach(self, task: Task, op: Operation, frame: FrameType | None) -> None:
        """End a look that starts a task; note what is taken."""
        if op[0] == "start":
            raise _StartsError
        if isinstance(task.waits_for, Resource):
            self._taken.append(task.waits_for)

    def kept(self, task: Task) -> tuple[str, ...] | None:
        """Return, in lines, what the look has left taken; None for nothing."""
        kept = [naming.describe(each)[0] for each in self._taken if each.holder is task]
        return (f"it leaves {', '.join(kept)} taken",) if kept else None

    def gives_back(self, task: Task) -> None:
        """Give back what the look has taken, as it is broken off before it could."""
        for each in reversed(self._taken):
            while each.holder is task and not task.run.stopping:
                each.give(task)  # type: ignore[attr-defined] # as what is held can be

    def does(self, task: Task, op: Operation) -> None:
        """Keep what it has taken itself."""
        self._done.append(op)

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        """End a look that has to wait."""
        raise _HeldError

    def takes_again(self, task: Task, thing: Resource) -> None:
        """End a look that needs what the task in whose thread it is made has: it is not free."""
        if not any(op is thing.op_take or op is thing.op_try for op in self._done):
            raise _HeldError


class InvariantListener(Listener):
    """Looks, in one run, from the start of the second task on.

    A step of an event loop is looked at when it is over: none of the loop's tasks sees what is in between.
    """

    def __init__(self, run: ListenedRun, functions: tuple[Callable[[], Any], ...], waiting: dict[Any, bool]) -> None:
        self.run = run
        self._functions = functions
        self._waiting = waiting
        self._changed = False  # whether anything was done since the last look
        self._last: Step | None = None  # what was done last
        self._step: Step | None = None  # the step of an event loop that is under way

    def started(self, task: Task, frame: FrameType | None) -> None:
        """Begin to look when there is somebody else."""
        self._changed = task.id > 0

    def reach(self, task: Task, op: Operation, frame: FrameType | None) -> None:
        """Look at what the task has done since its last step."""
        self._look(task)

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        """Look, too."""
        self._look(task)

    def access(self, task: Task, site: Site, accesses: Any, frame: FrameType) -> None:
        """Look at what the task has done since its last access, and offer switches wherever it writes."""
        self._look(task)
        if accesses is None or any(mode for _, mode in accesses):
            self.run.shared.widen(site.number)

    def does(self, task: Task, op: Operation) -> None:
        """Look at what the one has done who had the turn before, and note what is done now."""
        self._look(task)
        user = stacks.user_frame(task.tells() or sys._getframe(1), self.run.watch)
        self._notes((task, naming.operation(op, task), *_line(user)))

    def accessed(self, task: Task, site: Site, touched: Touched, accesses: Any, frame: FrameType) -> None:
        """Note what is done now."""
        self._notes((task, site.what, site.code, frame.f_lineno))

    def stepping(self, task: Task, part: Task) -> None:
        """Note which step begins, and where."""
        self._step = (part, "a step that begins", *_line(part.stands_at()))

    def stepped(self, task: Task, part: Task, *, ended: bool) -> None:
        """Look at what the whole step has done."""
        step, self._step = self._step, None
        if step is not None:
            ends = part.stands_at()
            self._notes(step if ends is None else (part, "a step that ends", *_line(ends)))
            self._look(task)

    def returned(self) -> None:
        """Look at what the scenario's own task has done last."""
        self._look(self.run.root)

    def _notes(self, step: Step) -> None:
        if self._step is None:
            self._last = step
            self._changed = len(self.run.tasks) > 1

    def _look(self, task: Task) -> None:
        found = self._found(task)
        if found is not None:
            writer = task if self._last is None else self._last[0]
            if self.run.recorder is not None:
                self.run.recorder.has_written(writer.body)
            self.run.found(task, found)

    def _found(self, task: Task) -> Found | None:
        """Ask every function, in the thread of a task: without a switch, and without being watched itself."""
        if not self._changed or task.quiet or here.task is not task or self.run.stopping:
            return None
        waits_for = task.waits_for
        self._changed = False
        task.hush()
        try:
            for function in self._functions:
                why = self._why_broken(task, function)
                if why is not None:
                    return self._told(function, why)
        finally:
            task.speak()
            task.waits(waits_for)
        return None

    def _why_broken(self, task: Task, function: Callable[[], Any]) -> tuple[str, ...] | None:
        """Return why what a function says is wrong, in lines; None where all is well, or it cannot be asked."""
        look = _Look()
        try:
            with self.run.heard_by(look):
                try:
                    why = _why_broken(function) or look.kept(task)
                except _HeldError:
                    look.gives_back(task)
                    raise
        except _HeldError:
            self._changed = True  # to be looked at when the lock is free
            self._waiting.setdefault(function, True)
            return None
        self._waiting[function] = False
        return why

    def _told(self, function: Any, why: tuple[str, ...]) -> Found:
        where = _place_of(function)
        evidence = [f"{where}: {where.source}", *why] if where is not None else [*why]
        if self._last is None:
            return Found("invariants", "invariant broken before any step", tuple(evidence), _CAUSE, "")
        task, what, code, line = self._last
        headline = f"invariant broken by {task.name}: {what}"
        if code is None:
            return Found("invariants", headline, tuple(evidence), _CAUSE, "")
        place = stacks.place_of(code, line)
        source = f"after this step of {task.name}: {place}: {place.source}"
        return Found("invariants", f"{headline} at {place}", (source, *evidence), _CAUSE, str(place))


def _line(frame: FrameType | None) -> tuple[CodeType | None, int]:
    return (None, 0) if frame is None else (frame.f_code, frame.f_lineno or 0)


def _why_broken(function: Callable[[], Any]) -> tuple[str, ...] | None:
    """Return why what a function says is wrong, in lines; None where all is well.

    Whatever it raises is told, what ends a test too: nobody would hear of it in the thread of a task. But Ctrl-C
    comes in the main thread, and passes there.
    """
    try:
        answer = function()
        if answer is None or _is_well(answer):
            return None
    except (_HeldError, Unwind):
        raise
    except _StartsError:
        return ("it starts a thread or a task; it can only look",)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
            raise
        text = stacks.without_addresses(str(error)).splitlines()
        return (
            f"it raised {type(error).__name__}: {text[0]}" if text else f"it raised {type(error).__name__}",
            *text[1:],
        )
    return (f"it returned {stacks.without_addresses(repr(answer))}",)


def _is_well(answer: Any) -> bool:
    """Tell whether an answer is true; a coroutine or a generator says nothing before it runs."""
    if inspect.iscoroutine(answer):
        answer.close()
        return False
    return bool(answer) and not inspect.isgenerator(answer) and not inspect.isasyncgen(answer)


def _named(function: Any) -> str:
    where = _place_of(function)
    return repr(function) if where is None else f"that of {where}"


def _place_of(function: Any) -> Place | None:
    code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
    return None if code is None else stacks.place_of(code, code.co_firstlineno)
