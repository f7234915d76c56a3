"""Objects and operations in the user's words: "Event `door`", made where, held by whom."""

from __future__ import annotations

import ast
import gc
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.telling.report import Place, TaskState, Waiting
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._engine.task import END_OF_RUN, ENDED, Sleep, Task
from pytest_concurrency._machine import real
from pytest_concurrency._sight import stacks
from pytest_concurrency._sight.resolve import resolver
from pytest_concurrency._sight.source_index import index_file
from pytest_concurrency._sight.watching import is_own

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._sight.watching import Watch


def operation(op: Operation, task: Task) -> str:
    """Say what a task does, with the object where it is known."""
    target = task.waits_for
    if isinstance(target, Resource | Task):
        return f"{op[0]} {describe(target)[0]}{number_of(target)}"
    return op[0]


def describe(thing: Any) -> tuple[str, Place | None]:
    """Return what an object is called, and where it was made."""
    if isinstance(thing, threading.Thread):
        return f"thread {thing.name}", None
    if isinstance(thing, Task):
        return thing.title, None
    if Resource in type(thing).__mro__:
        name, made = _named(_kind_of(thing), thing.made)
        return thing.called or name, made
    inner = _first_double(thing, 3)
    if inner is not None:
        return _named(type(thing).__name__, inner.made)
    return type(thing).__name__, None


def number_of(thing: Any) -> str:
    """Return " no. 2" for the second of several objects of one run that have one name and were made at one line.

    Of a line that gives several objects a name each, `a, b = Lock(), Lock()`, it is the name.
    """
    run = thing.run if isinstance(thing, Resource) else None
    if run is None or thing.called or not thing.made[1]:
        return ""
    found = [each for each in getattr(run, "resources", ()) if each.made == thing.made and not each.inner]
    names = [""] if _named(_kind_of(thing), thing.made)[0].endswith("`") else _names_of(thing, found)
    same: list[Any] = []
    for each in found:  # a process that others run has none
        seen = _seen_as(each)
        if type(seen) is type(_seen_as(thing)):
            same += [] if any(seen is other for other in same) else [seen]
    place = next((place for place, other in enumerate(same, 1) if other is _seen_as(thing)), 0)
    if not names or not place or len(same) % len(names):
        return ""
    name = names[(place - 1) % len(names)]
    number = f" no. {(place - 1) // len(names) + 1}" if len(same) > len(names) else ""
    return (f" `{name}`" if name else "") + number


def _names_of(thing: Resource, found: Sequence[Resource]) -> list[str]:
    """Return the names that a line has for several objects that it makes; none where their order is not known."""
    if all(each.is_of_run and not each.is_left for each in found):
        return stacks.names_at(*thing.made, _kind_of(thing))
    return []


def _seen_as(thing: Resource) -> Any:
    """Return what the user sees of a double: itself, or the object that it lies inside."""
    return thing if thing.part_of is None else thing.part_of


def _kind_of(thing: Resource) -> str:
    user = _seen_as(thing)
    return str(thing.kind) if user is thing else type(user).__name__


def _named(kind: str, made: tuple[str, int]) -> tuple[str, Place | None]:
    filename, line = made
    if not line:
        return kind, None
    name = stacks.name_at(filename, line, kind)
    return f"{kind} `{name}`" if name else kind, Place(stacks.shorten(filename), line)


_MADE_OF_LOCKS = ("threading", "queue", "multiprocessing.")
"""Modules whose objects have their locks inside."""


def _first_double(thing: Any, depth: int) -> Any:
    """Find a double inside an object of the standard library."""
    if Resource in type(thing).__mro__:
        return thing
    if not depth:
        return None
    for value in getattr(thing, "__dict__", {}).values():
        kind = type(value)
        if Resource in kind.__mro__ or kind.__module__.startswith(_MADE_OF_LOCKS):
            found = _first_double(value, depth - 1)
            if found is not None:
                return found
    return None


def task_states(tasks: Sequence[Task], watch: Watch) -> tuple[TaskState, ...]:
    """Return how every task of a run stands: ended, able to go on, or waiting for what."""
    told: list[TaskState] = []
    for task in tasks:
        if task.body is not task:
            continue  # told by the thread that it lives in
        inside = getattr(task.waits_for, "states", None)
        told += [state(task, watch)] if inside is None else inside(watch)
    return tuple(told)


def state(task: Task, watch: Watch) -> TaskState:
    """Return how one task stands."""
    if task.state == ENDED:
        return TaskState(task.name, "ended")
    if task.waits_for is END_OF_RUN:
        return TaskState(task.name, "waits for the other threads to end")
    frame = task.frame()
    place, inside = stacks.standing(frame, watch)
    if task.waits_for is None:
        return TaskState(task.name, "can go on", place, inside=inside)
    return TaskState(task.name, "waits", place, _of_a_step(task, _waiting(task, frame, watch)), inside=inside)


def _of_a_step(task: Task, waiting: Waiting) -> Waiting:
    """Say who it is, in the loop that a thread runs, that lets it wait, and who has taken what the thread holds."""
    recorder, target = task.run.recorder, task.waits_for
    if recorder is None or recorder.acting(task) is task:
        return waiting
    acting = recorder.acting(task)
    if not (waiting.holders or _leads_to(target, task)) and acting.keeps_others():
        return replace(waiting, step=acting.name)
    if getattr(target, "holder", None) is not task:
        return waiting
    names = {each.name for each in task.run.tasks if each.body is task}
    taker = recorder.taker(names, ("sync", target.number))
    if taker is None:
        return waiting
    return replace(waiting, holders=(taker.task,), taken=taker.place, step=acting.name)


def _leads_to(thing: Any, task: Task) -> bool:
    """Tell whether a thread that is to end waits for that task itself: in a circle of threads no loop is to blame."""
    met: list[Any] = []
    while isinstance(thing, Task) and not any(thing is each for each in met):
        met.append(thing)
        thing = thing.waits_for
        thing = thing if isinstance(thing, Task) else getattr(thing, "holder", None)
    return any(each is task for each in met)


def _waiting(task: Task, frame: FrameType | None, watch: Watch) -> Waiting:
    target = task.waits_for
    if isinstance(target, Sleep):
        return Waiting(f"sleep({target.seconds})", "")
    method, owner = stacks.inner_call(frame, watch)
    if isinstance(target, Task):
        if owner is not None and not isinstance(owner, threading.Thread) and method != "join":
            name, made = describe(owner)
            return Waiting(f"{type(owner).__name__}.{method}", name, made, (target.called,))
        return Waiting(f"{target.word}.join", target.title, None, ())
    if target.holder is None or target.inner:
        return waiting_at(target, method, owner, (), stacks.user_frame(frame, watch))
    recorder = task.run.recorder
    taken = None if recorder is None else recorder.taken_at(target.holder, ("sync", target.number))
    waiting = waiting_at(target, method, owner, (target.holder.as_holder,), stacks.user_frame(frame, watch), taken)
    aside = taken_aside(target, taken, frame) if target.holder is task else None
    waiting = waiting if aside is None else replace(waiting, aside=True, taken=aside)
    return replace(waiting, handling=stacks.is_in_handler(frame, watch))


def waiting_at(
    thing: Any,
    method: str,
    owner: Any,
    holders: tuple[str, ...],
    user: FrameType | None = None,
    taken: Place | None = None,
) -> Waiting:
    """Return in which call somebody waits for a lock or a queue: in one of its own, or in the library's around it.

    Args:
        thing: What is waited for.
        method: The library's method.
        owner: The object of the library, if there is one.
        holders: Who holds it, by name.
        user: Who called it.
        taken: Where they took it.
    """
    if owner is None or isinstance(owner, Resource) or thing.called:
        name, made = describe(thing)
        name += number_of(thing) + thing.further
        return Waiting(f"{thing.kind}.{thing.waits_in}", name, made, holders, taken)
    of_others = _on_a_lock_of_others(owner, user)
    name, made = of_others or describe(owner)
    name += number_of(_first_double(owner, 3)) if of_others is None else ""
    return Waiting(f"{type(owner).__name__}.{method}", name, made, holders, taken)


def _on_a_lock_of_others(owner: Any, user: FrameType | None) -> tuple[str, Place | None] | None:
    """Describe a condition that was given its lock: several may have the same, and it was made elsewhere."""
    if not isinstance(owner, threading.Condition):
        return None
    inner = _first_double(owner, 1)
    if inner is None or inner.part_of is owner:
        return None
    kind = type(owner).__name__
    for text, found in () if user is None else named_in(user):
        if found is owner:
            return f"{kind} `{text}`", None
    name, made = describe(inner)
    return f"{kind} of {name}", made


def taken_by_with(frame: FrameType | None, double: Any) -> Place | None:
    """Return the `with` statement, of those that a thread is in, that has taken a lock; None where none is seen."""
    while frame is not None:
        index = index_file(frame.f_code.co_filename) if not is_own(frame.f_code.co_filename) else None
        for node in () if index is None else index.withs:
            if node.lineno <= (frame.f_lineno or 0) <= (node.end_lineno or 0):
                for item in node.items:
                    found = _value(item.context_expr, frame)
                    if found is double or getattr(found, "_lock", None) is double:
                        return stacks.place_of(frame.f_code, item.context_expr.lineno)
        frame = frame.f_back
    return None


def taken_aside(double: Any, taken: Place | None, frame: FrameType | None) -> Place | None:
    """Return where another greenlet, which is not gone on with, has taken what its own thread waits for; None if not.

    Args:
        double: What that is.
        taken: Where it was taken, if that is known.
        frame: Where the thread waits.
    """
    module: Any = sys.modules.get("greenlet")
    if module is None:
        return None
    others = [each.gr_frame for each in gc.get_objects() if module.greenlet in type(each).__mro__]
    found = next(filter(None, (taken_by_with(each, double) for each in others)), None)
    if found is not None or taken is None or _is_within(frame, taken):
        return found
    return taken if any(_is_within(each, taken) for each in others) else None


def _is_within(frame: FrameType | None, place: Place) -> bool:
    """Tell whether the function of a place is among those that a thread is in."""
    while frame is not None:
        found = stacks.place_of(frame.f_code, frame.f_lineno or 0)
        if (found.file, found.function) == (place.file, place.function):
            return True
        frame = frame.f_back
    return False


def _value(node: ast.AST, frame: FrameType) -> Any:
    resolve = resolver(node)
    return None if resolve is None else resolve(frame.f_locals, frame.f_globals)


def named_in(frame: FrameType) -> Iterator[tuple[str, Any]]:
    """Yield what the present line of a frame names, as it is written there."""
    index = index_file(frame.f_code.co_filename)
    for node in () if index is None else [n for nodes in index.nodes.values() for n in nodes]:
        if isinstance(node, (ast.Name, ast.Attribute)) and node.lineno == frame.f_lineno:
            yield ast.unparse(node), _value(node, frame)


def real_locks_named(frame: FrameType) -> Iterator[Any]:
    """Yield the undoubled locks that the present line of a frame names."""
    return (found for _, found in named_in(frame) if type(found) is real.LockType)
