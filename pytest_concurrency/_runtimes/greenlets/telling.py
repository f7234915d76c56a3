"""Greenlets that wait, in the user's words: in which call, on what, and where they were started."""

from __future__ import annotations

import ast
import gc
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.telling.report import Place, TaskState, Waiting
from pytest_concurrency._engine import naming
from pytest_concurrency._machine import real
from pytest_concurrency._sight import stacks
from pytest_concurrency._sight.source_index import index_file
from pytest_concurrency._sight.watching import is_own

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

    from pytest_concurrency._sight.watching import Watch


_KINDS: Final = {"LockType": "Lock", "_RLock": "RLock"}
"""What a user calls a class that has another name."""
_BELOW: Final = frozenset({"gevent", "greenlet"})


def is_of_gevent(frame: FrameType) -> bool:
    """Tell whether a frame is of the library itself; what is compiled names files that are nowhere."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] in _BELOW


def caller(frame: FrameType | None, watch: Watch) -> FrameType | None:
    """Return the innermost frame that is neither of gevent, nor ours, nor of the standard library."""
    frame = stacks.user_frame(frame, watch)
    while frame is not None and is_of_gevent(frame):
        frame = stacks.user_frame(frame.f_back, watch)
    return frame


def living() -> Iterator[Any]:
    """Yield the greenlets of gevent that have been started and have not ended."""
    kind = sys.modules["gevent"].Greenlet
    found = [each for each in gc.get_objects() if issubclass(type(each), kind)]
    yield from sorted((each for each in found if may_go_on(each)), key=lambda each: int(each.minimal_ident))


def may_go_on(greenlet: Any) -> bool:
    """Tell whether a greenlet has not ended, and its hub is still there."""
    return not greenlet.ready() and getattr(greenlet.parent, "loop", None) is not None


def state(greenlet: Any, watch: Watch) -> TaskState:
    """Return how a greenlet stands."""
    user = caller(greenlet.gr_frame, watch)
    if user is None:
        return TaskState(greenlet.name, "waits" if greenlet.started else "has not begun")
    return waiting_at(greenlet.name, user, user.f_lineno, user.f_lasti)


def waiting_at(name: str, frame: FrameType, line: int, instruction: int, others: Others | None = None) -> TaskState:
    """Return that somebody waits in the call that a frame was in at an instruction.

    Args:
        name: What a report calls him.
        frame: The frame.
        line: The line of the instruction.
        instruction: Its offset, in bytes.
        others: Who else is there; without them it is not told where a thing was made, and by whom it is held.
    """
    found = _expression(frame.f_code, instruction)
    place = stacks.place_of(frame.f_code, line)
    waiting = Waiting("the event loop", "") if found is None else _waiting(found, frame, others)
    return TaskState(name, "waits", place, waiting)


def all_states(people: list[tuple[str, Any]], watch: Watch, names: dict[int, str]) -> list[TaskState]:
    """Return how greenlets stand that have not ended.

    Args:
        people: Their names, and they themselves.
        watch: Whose code is the user's.
        names: What greenlets are called, by `id`, those that have ended too.
    """
    others = Others({name: greenlet.gr_frame for name, greenlet in people}, watch, names)
    found = []
    for name, greenlet in people:
        users = others.frames[name]
        if users:
            found.append(waiting_at(name, users[0], users[0].f_lineno, users[0].f_lasti, others))
        elif sys.modules["greenlet"].greenlet.__bool__(greenlet):
            found.append(TaskState(name, "waits", None, others.waits_in(_begins_with(greenlet))))
        else:
            found.append(TaskState(name, "has not begun"))
    return found


def thread_of(begins: Any) -> Any:
    """Return the `Thread` that a greenlet stands for, by what this begins with; None for any other greenlet."""
    owner = getattr(begins, "__self__", None)
    is_thread = getattr(begins, "__name__", "") == "_bootstrap" and isinstance(owner, real.Thread)
    return owner if is_thread else None


def _begins_with(greenlet: Any) -> Any:
    """Return what a greenlet calls first; a thread's is what that was given."""
    begins = getattr(greenlet, "_run", None)
    thread = thread_of(begins)
    return begins if thread is None else getattr(thread, "_target", None) or thread.run


def made(greenlet: Any) -> Place | None:
    """Return where a greenlet was started, as gevent remembers it."""
    stack = getattr(greenlet, "spawning_stack", None)
    library = os.path.dirname(str(sys.modules["gevent"].__file__)) + os.sep
    while stack is not None and (stack.f_code.co_filename.startswith(library) or is_own(stack.f_code.co_filename)):
        stack = stack.f_back
    return None if stack is None else stacks.place_of(stack.f_code, stack.f_lineno)


def made_by_caller(thing: object, frame: FrameType, watch: Watch) -> tuple[str, Place | None]:
    """Return what a thing was called where it was made, and where, if the caller's own frames show it."""
    return Others({"": frame}, watch, {}).made(thing, "")


def _expression(code: CodeType, instruction: int) -> ast.expr | None:
    """Return the call that an instruction makes, as it is written, or what a `with` enters there."""
    position = list(code.co_positions())[instruction // 2]
    begin, end, left, right = position
    if begin is None or left is None or right is None:
        return None
    index = index_file(code.co_filename)
    for node in () if index is None else index.nodes.get((begin, end, left, right), ()):
        if isinstance(node, ast.With) and len(node.items) == 1:  # so do Python 3.11 and 3.12 have it
            node = node.items[0].context_expr
        if isinstance(node, (ast.Call, ast.Name, ast.Attribute)):
            return node
    return None


def _waiting(found: ast.expr, frame: FrameType, others: Others | None) -> Waiting:
    text = ast.unparse(found.func) if isinstance(found, ast.Call) else f"{ast.unparse(found)}.acquire"
    owner, _, method = text.rpartition(".")
    thing = dict(naming.named_in(frame)).get(owner)
    if thing is None or not owner or isinstance(thing, type(sys)):
        return Waiting(text, "" if others is None or not isinstance(found, ast.Call) else others.given(found, frame))
    kind = _KINDS.get(type(thing).__name__, type(thing).__name__)
    if isinstance(thing, real.Thread):
        return Waiting(f"Thread.{method}", f"thread {thing.name}")
    if others is None:
        holder: Any = getattr(thing, "_owner", None)
        holders: tuple[str, ...] = (str(holder.name),) if hasattr(holder, "name") else ()
        name, made_at = owner, None
    else:
        holders = others.holders(thing) if method in ("acquire", "wait") else ()
        name, made_at = others.made(thing, owner)
        if kind == "Greenlet":
            return Waiting(f"Greenlet.{method}", f"greenlet {others.names.get(id(thing), thing.name)}")
    if kind == "Greenlet":
        return Waiting(f"Greenlet.{method}", f"greenlet {thing.name}")
    return Waiting(f"{kind}.{method}", f"{kind} `{name}`", made_at, holders)


class Others:
    """The greenlets of a thread, as far as one of them tells something of what another waits for.

    Attributes:
        frames: Their user's frames, the innermost first, by name.
        names: What greenlets are called, by `id`.
    """

    def __init__(self, frames: dict[str, FrameType | None], watch: Watch, names: dict[int, str]) -> None:
        self.names = names
        self.frames = {name: list(_users(frame, watch)) for name, frame in frames.items()}

    def waits_in(self, called: Any) -> Waiting:
        """Return what a greenlet waits in that consists of one call of the library."""
        thing = getattr(called, "__self__", None)
        if thing is None or isinstance(thing, type(sys)):
            return Waiting(getattr(called, "__qualname__", "the event loop"), "")
        kind = type(thing).__name__
        name, made_at = self.made(thing, "")
        return Waiting(f"{kind}.{called.__name__}", f"{kind} `{name}`" if name else kind, made_at, self.holders(thing))

    def given(self, call: ast.Call, frame: FrameType) -> str:
        """Return the greenlets that a call of the library is given and that have not ended, in words."""
        named = dict(naming.named_in(frame))
        things: list[Any] = [named.get(ast.unparse(each)) for each in call.args]
        every = [each for thing in things for each in (thing if isinstance(thing, (list, tuple, set)) else [thing])]
        left = sorted(self.names[id(each)] for each in every if id(each) in self.names and not each.ready())
        return f"greenlet{'s' if len(left) > 1 else ''} {', '.join(left)}" if left else ""

    def made(self, thing: object, name: str) -> tuple[str, Place | None]:
        """Return what a thing was called where it was made, and where that was, if a line of the user's shows it."""
        for frame in [each for frames in self.frames.values() for each in frames]:
            called = {known for known, _ in _assigned(frame) if _value(known, frame) is thing}
            found = [
                (_depth(node, known, frame), node.lineno, known) for known, node in _assigned(frame) if known in called
            ]
            best = max((each for each in found if each[0] >= 0), default=None)
            if best is not None:
                return best[2], stacks.place_of(frame.f_code, best[1])
        return name, None

    def holders(self, thing: Any) -> tuple[str, ...]:
        """Return who holds a thing, or the lock of a condition: its owner, or who is inside a `with` over it."""
        lock = _lock_of(thing)
        if hasattr(lock, "_owner"):
            owner = lock._owner  # of a thread's it is the number, of a greenlet's itself
            name = self.names.get(owner if isinstance(owner, int) else id(owner))
            return () if name is None else (name,)
        if hasattr(lock, "locked") and not lock.locked():
            return ()
        return tuple(
            name
            for name, frames in self.frames.items()
            if any(_is_inside(lock, frame) for frame in frames) and not _has_given_back(lock, frames)
        )


def _users(frame: FrameType | None, watch: Watch) -> Iterator[FrameType]:
    while frame is not None:
        if watch.is_watched(frame.f_code.co_filename) and not is_of_gevent(frame):
            yield frame
        frame = frame.f_back


def _assigned(frame: FrameType) -> Iterator[tuple[str, ast.stmt]]:
    """Yield what the file of a frame assigns from calls: the name as it is written, and the statement."""
    index = index_file(frame.f_code.co_filename)
    for node in () if index is None else [each for nodes in index.nodes.values() for each in nodes]:
        if isinstance(node, ast.Assign) and any(isinstance(each, ast.Call) for each in ast.walk(node.value)):
            for target in node.targets:
                for each in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                    if isinstance(each, (ast.Name, ast.Attribute)):
                        yield ast.unparse(each), node


def _depth(node: ast.stmt, name: str, frame: FrameType) -> int:
    """Return in which line the function begins whose assignment a name in a frame may mean; 0 for none's, -1 for none.

    That is one around the frame's code, itself included, or a method of the class whose attribute it is.
    """
    index: Any = index_file(frame.f_code.co_filename)
    around = [each for nodes in index.nodes.values() for each in nodes if _is_around(each, node.lineno)]
    functions = [each for each in around if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))]
    first, _, attribute = name.partition(".")
    if not functions:
        return -1 if first in frame.f_locals and frame.f_locals is not frame.f_globals else 0
    inner = max(functions, key=lambda each: each.lineno)
    begins, ends = min([inner.lineno, *(each.lineno for each in inner.decorator_list)]), inner.end_lineno or 0
    if begins <= frame.f_code.co_firstlineno <= ends:
        is_past = frame.f_code.co_firstlineno == begins and node.lineno > frame.f_lineno
        return -1 if is_past and not attribute else inner.lineno
    classes = {each.name for each in around if isinstance(each, ast.ClassDef)}
    is_its = attribute and not classes.isdisjoint(each.__name__ for each in type(_value(first, frame)).__mro__)
    return inner.lineno if is_its else -1


def _is_around(node: ast.AST, line: int) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and (
        node.lineno <= line <= (node.end_lineno or 0)
    )


def _value(name: str, frame: FrameType) -> Any:
    """Return what a name, or a plain chain of attributes, is in a frame; no code of the user's runs."""
    first, *more = name.split(".")
    found = frame.f_locals.get(first, frame.f_globals.get(first))
    for each in more:
        found = getattr(found, "__dict__", {}).get(each)
    return found


def _lock_of(thing: Any) -> Any:
    """Return the lock that a condition has, or the thing itself."""
    return getattr(thing, "_lock", thing) if isinstance(thing, threading.Condition) else thing


def _is_inside(lock: object, frame: FrameType) -> bool:
    """Tell whether a frame is in the body of a `with` over a lock, or a condition that has it."""
    line, _, column, _ = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    if line is None or column is None:
        return False
    index = index_file(frame.f_code.co_filename)
    for node in () if index is None else index.withs:
        first, last = node.body[0], node.body[-1]
        begins, ends = (first.lineno, first.col_offset), (last.end_lineno or 0, last.end_col_offset or 0)
        is_in_body = begins <= (line, column) < ends and frame.f_code.co_firstlineno <= node.lineno
        if is_in_body and any(_lock_of(_value(ast.unparse(each.context_expr), frame)) is lock for each in node.items):
            return True
    return False


def _has_given_back(lock: object, frames: list[FrameType]) -> bool:
    """Tell whether somebody waits in a condition that has a lock, which that gives back meanwhile."""
    found = _expression(frames[0].f_code, frames[0].f_lasti) if frames else None
    if not (isinstance(found, ast.Call) and isinstance(found.func, ast.Attribute)):
        return False
    thing = _value(ast.unparse(found.func.value), frames[0])
    return isinstance(thing, threading.Condition) and _lock_of(thing) is lock
