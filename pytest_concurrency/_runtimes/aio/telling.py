"""Who waits where in an event loop, on what, made where, held by whom: read from suspended coroutines."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.telling.report import Place, TaskState, Waiting
from pytest_concurrency._runtimes.aio import makers
from pytest_concurrency._runtimes.aio.steps import called, frames, short_name
from pytest_concurrency._sight import stacks
from pytest_concurrency._sight.watching import OWN, STANDARD, WATCHED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType

    from pytest_concurrency._sight.watching import Watch


def states(tasks: Iterable[tuple[str, Any]], watch: Watch) -> list[TaskState]:
    """Return how tasks of one loop stand that have not ended, given with their names."""
    pending = [(name, task) for name, task in tasks if task is not None and not task.done()]
    names = {id(task): name for name, task in pending}

    def name(task: Any) -> str:
        return names.get(id(task)) or name_of(task, watch) + (", which has ended" if task.done() else "")

    return [_state(label, task, name, watch) for label, task in pending]


def name_of(task: Any, watch: Watch) -> str:
    """Return what a task is called: as the user has named it, or after what it runs, of the user's code if it does."""
    part = getattr(task, "part", None)
    if part is not None:
        return str(part.name)
    name = str(task.get_name())
    if not re.fullmatch(r"Task-\d+", name):
        return name
    coroutine = task.get_coro()
    users = next((frame for frame in frames(coroutine) if watch.is_watched(frame.f_code.co_filename)), None)
    if users is None or users is getattr(coroutine, "cr_frame", None):
        return called(coroutine)
    return short_name(users.f_code.co_qualname)


def _state(label: str, task: Any, name: Callable[[Any], str], watch: Watch) -> TaskState:
    user: list[FrameType] = []
    library: list[FrameType] = []
    is_watched = False
    for frame in frames(task.get_coro()):
        kind = watch.kind(frame.f_code.co_filename)
        if kind is STANDARD:
            library.append(frame)
        elif kind is not OWN:
            if kind is WATCHED and not is_watched:
                is_watched, user = True, []  # what another library calls it through
            user.append(frame)
            library = []
    place = stacks.frame_place(user[-1]) if user else None
    waiting = _waiting(task, library, name)
    if waiting is None:
        return TaskState(label, "can go on", place)
    callers = tuple(stacks.frame_place(each) for each in reversed(user[:-1]))
    return TaskState(label, "waits", place, waiting, callers)


def _waiting(task: Any, library: list[FrameType], name: Callable[[Any], str]) -> Waiting | None:
    """Return what a suspended task waits for; None if it can go on."""
    future = task._fut_waiter
    if future is not None and future.done():
        return Waiting("a loop that nobody has woken: what it waits for came without call_soon_threadsafe", "")
    if library:
        at_thing = (each for each in library if _is_asyncios(each.f_locals.get("self")))
        return _in_library(next(at_thing, library[0]), future, name)
    if future is None:
        return None
    return _for_future(future, name)


def _in_library(frame: FrameType, future: Any, name: Callable[[Any], str]) -> Waiting | None:
    method = frame.f_code.co_name
    owner: Any = frame.f_locals.get("self")
    if isinstance(owner, asyncio.TaskGroup):
        return Waiting("the end of the group", f"tasks {_names(owner._tasks, name)}", _place(owner))
    if _is_asyncios(owner):
        if method in ("__aenter__", "__aexit__"):
            method = "acquire" if hasattr(owner, "acquire") else "wait_closed"  # of a server
        who = makers.holder(owner._lock if type(owner).__name__ == "Condition" else owner)
        holders = (name(who),) if who is not None and method == "acquire" else ()
        return Waiting(f"{type(owner).__name__}.{method}", named(owner), _place(owner), holders)
    inner = frame.f_locals.get("fut", frame.f_locals.get("fs"))
    call = f"asyncio.{method.lstrip('_')}"
    if isinstance(inner, asyncio.Task):
        return Waiting(call, f"task {name(inner)}")
    if isinstance(inner, (set, list, tuple)):
        return Waiting(call, f"tasks {_names(inner, name)}")
    return Waiting(call, "") if future is not None else None


def _is_asyncios(owner: Any) -> bool:
    return type(owner).__module__.startswith("asyncio.")


def _for_future(future: Any, name: Callable[[Any], str]) -> Waiting:
    if isinstance(future, asyncio.Task):
        return Waiting("await", f"task {name(future)}")
    children = getattr(future, "_children", None)
    if children:
        left = [each for each in children if not each.done()]
        return Waiting("asyncio.gather", f"tasks {_names(left, name)}")
    inner = _shielded(future)
    if inner is not None:
        return Waiting("asyncio.shield", f"task {name(inner)}")
    if any(getattr(each, "__qualname__", "").startswith("_chain_future") for each, _ in future._callbacks or ()):
        return Waiting("await", "a job of another thread")
    return Waiting("await", "a Future that nobody has completed")


def _names(tasks: Iterable[Any], name: Callable[[Any], str]) -> str:
    left = [each for each in tasks if not each.done()]
    return ", ".join(sorted(name(each) if isinstance(each, asyncio.Task) else "a future" for each in left))


def lost(owner: Any) -> tuple[int, str]:
    """Return how much of a lock, a semaphore or a queue is taken when its loop is closed, and that in words."""
    if not _is_asyncios(owner):
        return 0, ""  # a class of the user's, which may count otherwise
    if isinstance(owner, asyncio.Lock):
        return int(owner.locked()), "stays locked"
    if isinstance(owner, asyncio.Semaphore):
        return makers.first(owner) - owner._value, f"is left with {_counted(owner._value, 'permit')}"
    if isinstance(owner, asyncio.Queue):
        taken: int = owner._unfinished_tasks - owner.qsize()  # type: ignore[attr-defined] # its own count
        return taken, f"has lost {_counted(taken, 'item')}: taken, and never task_done"
    return 0, ""


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def named(owner: Any) -> str:
    """Return what reports call an object of asyncio."""
    kind = f"asyncio.{type(owner).__name__}"
    made = makers.made(owner)
    found = "" if made is None else stacks.name_at(*made, type(owner).__name__)
    return f"{kind} `{found}`" if found else kind


def _place(owner: Any) -> Place | None:
    made = makers.made(owner)
    return None if made is None else Place(stacks.shorten(made[0]), made[1])


def _shielded(future: Any) -> Any:
    """Return the task behind a `shield`, which its callback knows."""
    for callback, _ in getattr(future, "_callbacks", None) or ():
        if getattr(callback, "__qualname__", "").startswith("shield"):
            for cell in getattr(callback, "__closure__", None) or ():
                if isinstance(cell.cell_contents, asyncio.Task):
                    return cell.cell_contents
    return None
