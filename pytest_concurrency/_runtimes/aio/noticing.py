"""What goes wrong in event loops without an error: told to those who listen to a run, as notices."""

from __future__ import annotations

import ast
import asyncio
import functools
import inspect
import sys
import types
import warnings
from asyncio import base_events, runners
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here, quietly
from pytest_concurrency._engine.listener import Notice
from pytest_concurrency._runtimes.aio import makers, telling
from pytest_concurrency._runtimes.aio.steps import LoopTask, called
from pytest_concurrency._sight import stacks
from pytest_concurrency._sight.source_index import index_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch

ORIGINS: Final = 8  # frames that a coroutine remembers of where it was made, while somebody listens
_LOST: Final = ("exception was never retrieved", "unhandled exception during asyncio.run() shutdown")
_DESTROYED: Final = "Task was destroyed but it is pending"


def install(patches: Patches, watch: Watch, made: list[Any]) -> None:
    """Let asyncio tell what it drops, and at the end of a loop how the locks and queues are left that were made."""
    unawaited: Any = warnings
    base: Any = base_events.BaseEventLoop
    cancel_all: Any = runners
    for owner, name, make in (
        (unawaited, "_warn_unawaited_coroutine", _unawaited),
        (cancel_all, "_cancel_all_tasks", _left),
        (base, "_asyncgen_finalizer_hook", _dropped),
        (base, "shutdown_asyncgens", _shut_down),
        (base, "close", functools.partial(_closed, made)),
    ):
        original = getattr(owner, name)
        patches.set(owner, name, functools.wraps(original)(make(original, watch)))


def is_heard(run: Any) -> bool:
    """Tell whether anybody wants to know."""
    return run.listener is not None and run.listener.hears_notices and not run.stopping


def begin(run: Run) -> int | None:
    """Let coroutines remember where they were made; return what undoes that, None for nothing."""
    if not is_heard(run):
        return None
    before = sys.get_coroutine_origin_tracking_depth()
    sys.set_coroutine_origin_tracking_depth(max(before, ORIGINS))
    return before


def end(before: int | None) -> None:
    """Undo `begin`."""
    if before is not None:
        sys.set_coroutine_origin_tracking_depth(before)


def lost_at_the_end(run: Run) -> None:
    """Tell of tasks that have failed and at whose error nobody has looked."""
    for part in run.tasks:
        task: Any = part.task if isinstance(part, LoopTask) else None
        if task is not None and task.done() and not task.cancelled() and task._log_traceback:
            _lost(run, task, task._exception)


def handler_called(run: Run, context: Any) -> None:
    """Tell what a loop's handler of exceptions is told that concerns tasks."""
    message = str(context.get("message", ""))
    task = context.get("task") or context.get("future")
    if message.endswith(_LOST[0]) or message.startswith(_LOST[1]):
        _lost(run, task, context.get("exception"))
    elif message.startswith(_DESTROYED) and task is not None:
        who = _name(task)
        _tell(run, "left_tasks", who, "was collected while it waited, as nobody kept it", _begins(task))


@quietly
def stepped(run: Run, task: Any) -> None:
    """Look whether a task goes on though it was asked to end."""
    asked = getattr(task, "asked", None)
    if asked is None:
        return
    asked.goes_on()
    if task.done() and not task.cancelled() and asked.steps > 1:
        ended = f"and ended after {asked.steps} further steps, as if nothing had been"
        _tell(run, "swallowed_cancellations", _name(task), f"was cancelled at {asked.place}", _begins(task), ended)


class Asked:
    """That somebody has asked a task to end.

    Attributes:
        place: Who has, as `file:line  source`.
        steps: How many steps it has made since.
    """

    def __init__(self, place: str, steps: int) -> None:
        self.place = place
        self.steps = steps

    def goes_on(self) -> None:
        """Count a step."""
        self.steps += 1


def asked(task: Any) -> Asked | None:
    """Note that a task is asked to end; not by what takes the request back itself, as `timeout` does."""
    host = here.task
    if host is None or not is_heard(host.run):
        return None
    found: Asked | None = _asked(task, sys._getframe(3), host.run.watch)  # by whom `cancel` was called
    return found


@quietly
def _asked(task: Any, frame: FrameType, watch: Watch) -> Asked | None:
    module = frame.f_globals.get("__name__", "")
    if module == "asyncio.timeouts" or getattr(frame.f_locals.get("self"), "_parent_task", None) is task:
        return None
    if not watch.is_watched(frame.f_code.co_filename) and not module.startswith("asyncio."):
        return None
    user = stacks.user_frame(frame, watch)
    place = "the end of asyncio.run" if user is None else _line(stacks.frame_place(user))
    is_own = asyncio._get_running_loop() is not None and asyncio.current_task() is task
    return Asked(place, -1 if is_own else 0)


# -- what is patched


_CLEANS_UP: Final = frozenset(
    {
        asyncio.BaseEventLoop.shutdown_asyncgens.__code__,
        asyncio.BaseEventLoop.shutdown_default_executor.__code__,
    }
)
"""What `asyncio.run` does at its end."""


def _unawaited(original: Callable[[Any], None], watch: Watch) -> Callable[[Any], None]:
    def warn_unawaited_coroutine(coroutine: Any) -> None:
        if getattr(coroutine, "cr_code", None) in _CLEANS_UP and (here.task is None or here.task.run.stopping):
            return  # of a run that was stopped, and not of the user's making
        _note_unawaited(coroutine, watch)
        original(coroutine)

    return warn_unawaited_coroutine


@quietly
def _note_unawaited(coroutine: Any, watch: Watch) -> None:
    run = _run()
    made = [each for each in getattr(coroutine, "cr_origin", None) or () if watch.is_watched(each[0])]
    code: Any = getattr(coroutine, "cr_code", None)
    if run is not None and (made or (code is not None and watch.is_watched(code.co_filename))):
        place = _place(*made[0][:2]) if made else _place(code.co_filename, code.co_firstlineno)
        _tell(run, "never_awaited", called(coroutine), "was called and never awaited", place)


def _left(original: Callable[[Any], None], watch: Watch) -> Callable[[Any], None]:
    def cancel_all_tasks(loop: Any) -> None:
        _note_left(loop, watch)
        original(loop)

    return cancel_all_tasks


@quietly
def _note_left(loop: Any, watch: Watch) -> None:
    run = _run()
    for task in sorted(asyncio.all_tasks(loop), key=_number) if run is not None else ():
        if getattr(task, "asked", None) is None and _is_of_the_user(task.get_coro(), watch):
            part = getattr(task, "part", None)
            frame = None if part is None else part.stands_at()
            stood = () if frame is None else (f"it stood at {_line(stacks.frame_place(frame))}",)
            _tell(run, "left_tasks", _name(task), "has not ended when asyncio.run does", _begins(task, watch), *stood)


def _dropped(original: Callable[..., None], watch: Watch) -> Callable[..., None]:
    def finalizer_hook(self: Any, generator: Any) -> None:
        _open(generator, watch, "was left in the midst of a loop over it")
        original(self, generator)

    return finalizer_hook


def _shut_down(original: Callable[..., Any], watch: Watch) -> Callable[..., Any]:
    def shutdown_asyncgens(self: Any) -> Any:
        for generator in list(self._asyncgens):
            _open(generator, watch, "is still open when asyncio.run ends")
        return original(self)

    return shutdown_asyncgens


def _closed(made: list[Any], original: Callable[[Any], None], watch: Watch) -> Callable[[Any], None]:
    def close(self: Any) -> None:
        _note_closed(self, made, watch)
        original(self)

    return close


@quietly
def _note_closed(loop: Any, made: list[Any], watch: Watch) -> None:
    run = _run()
    for timer in sorted(loop._scheduled, key=_number) if run is not None else ():
        calls = None if timer._cancelled else _called_by(timer, watch)
        if calls is not None:
            _tell(run, "left_open", f"a timer for {calls[0]}", "has not come when its loop is closed", calls[1])
    for thing in made if run is not None else ():
        lost, what = telling.lost(thing)
        if lost > 0:
            notice = Notice("cancel_points", telling.named(thing), what, _made_at(thing), count=lost)
            run.listener.noticed(notice)


# -- words


def _run() -> Any:
    """Return the run of the running thread, if somebody listens to it."""
    task = here.task
    return task.run if task is not None and is_heard(task.run) else None


def _tell(run: Any, habit: str, who: str, what: str, place: str, *more: str) -> None:
    run.listener.noticed(Notice(habit, who, what, place, more))


@quietly
def _lost(run: Run, task: Any, error: BaseException | None) -> None:
    if error is None or not isinstance(error, Exception):
        return
    who = _name(task) if isinstance(task, asyncio.Task) else "a future"
    lines = stacks.error_lines(error, run.watch)
    _tell(run, "lost_exceptions", who, f"raised {lines[0]}, and nobody has looked", _begins(task), *lines[1:])


@quietly
def _open(generator: Any, watch: Watch, what: str) -> None:
    run, frame = _run(), generator.ag_frame
    if run is None or frame is None or frame.f_lasti < 0 or not watch.is_watched(frame.f_code.co_filename):
        return
    if _has_to_clean_up(frame.f_code, frame.f_lineno):
        _tell(run, "left_open", f"the generator {generator.__name__}", what, _line(stacks.frame_place(frame)))


def _has_to_clean_up(code: CodeType, line: int) -> bool:
    """Tell whether a function is in the midst of something that ends with a clean-up: `try` or `with`."""
    index = index_file(code.co_filename)
    for nodes in () if index is None else index.nodes.values():
        for node in nodes:
            if isinstance(node, (ast.Try, ast.TryStar, ast.With, ast.AsyncWith)) and node.lineno >= code.co_firstlineno:
                begins, ends = node.body[0].lineno, node.body[-1].end_lineno or 0
                if begins <= line <= ends:
                    return True
    return False


def _made_at(thing: Any) -> str:
    made = makers.made(thing)
    return "" if made is None else f"made at {_place(*made)}"


def _name(task: Any) -> str:
    part = getattr(task, "part", None)
    return str(task.get_name() if part is None else part.name)


def _begins(task: Any, watch: Watch | None = None) -> str:
    """Return where what a task runs is written; with `watch`, where it was made if that is not the user's."""
    coroutine = task.get_coro() if isinstance(task, asyncio.Task) else None
    code, made = getattr(coroutine, "cr_code", None), getattr(coroutine, "cr_origin", None)
    if watch is not None and made and code is not None and not watch.is_watched(code.co_filename):
        return _place(*made[0][:2])
    return "" if code is None else _place(code.co_filename, code.co_firstlineno)


def _is_of_the_user(coroutine: Any, watch: Watch) -> bool:
    """Tell whether a coroutine is the user's, or was made by the user's code: that of `asyncio.sleep`, for one."""
    code, made = getattr(coroutine, "cr_code", None), getattr(coroutine, "cr_origin", None)
    return code is not None and any(map(watch.is_watched, [code.co_filename, *(each[0] for each in (made or ())[:1])]))


def _called_by(timer: Any, watch: Watch) -> tuple[str, str] | None:
    """Return the name of what a timer of the user's would call, and where that is written; None for the library's.

    The library calls functions of its own. What has no code, or belongs to a lock or a queue, the user has given.
    """
    callback = inspect.unwrap(timer._callback)
    while isinstance(callback, functools.partial):
        callback = callback.func
    code = getattr(callback, "__code__", None)
    if code is not None and watch.is_watched(code.co_filename):
        return stacks.short_name(code).rpartition(".")[2], _place(code.co_filename, code.co_firstlineno)
    if code is None or (isinstance(callback, types.MethodType) and makers.made(callback.__self__) is not None):
        return getattr(callback, "__qualname__", repr(callback)), _place(*getattr(timer, "line", ("", 0)))
    return None


def _number(thing: Any) -> int:
    return int(getattr(thing, "number", 0))


def _place(file: str, line: int) -> str:
    text = stacks.line_text(file, line)
    return f"{stacks.shorten(file)}:{line}  {text}"


def _line(place: Any) -> str:
    return f"{place}  {place.source}"
