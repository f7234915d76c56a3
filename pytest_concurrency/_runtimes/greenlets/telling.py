"""Greenlets that wait, in the user's words: in which call, on what, and where they were started."""

from __future__ import annotations

import ast
import gc
import linecache
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.telling.report import Place, TaskState, Waiting
from pytest_concurrency._engine import naming
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

    from pytest_concurrency._sight.watching import Watch


_BELOW: Final = frozenset({"gevent", "greenlet"})


def is_of_gevent(frame: FrameType) -> bool:
    """Tell whether a frame is of the library itself; what is compiled names files that are nowhere."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] in _BELOW


def living() -> Iterator[Any]:
    """Yield the greenlets of gevent that have been started and have not ended."""
    kind = sys.modules["gevent"].Greenlet
    found = [each for each in gc.get_objects() if isinstance(each, kind)]
    yield from sorted((each for each in found if not each.ready()), key=lambda each: int(each.minimal_ident))


def state(greenlet: Any, watch: Watch) -> TaskState:
    """Return how a greenlet stands."""
    frame = greenlet.gr_frame
    while frame is not None and is_of_gevent(frame):
        frame = frame.f_back
    user = stacks.user_frame(frame, watch)
    if user is None:
        return TaskState(greenlet.name, "waits" if greenlet.started else "has not begun")
    return waiting_at(greenlet.name, user, user.f_lineno, user.f_lasti)


def waiting_at(name: str, frame: FrameType, line: int, instruction: int) -> TaskState:
    """Return that somebody waits in the call that a frame was in at an instruction.

    Args:
        name: What a report calls him.
        frame: The frame.
        line: The line of the instruction.
        instruction: Its offset, in bytes.
    """
    call = _call(frame.f_code, instruction)
    place = stacks.place_of(frame.f_code, line)
    return TaskState(name, "waits", place, Waiting("the event loop", "") if call is None else _waiting(call, frame))


def made(greenlet: Any) -> Place | None:
    """Return where a greenlet was started, as gevent remembers it."""
    stack = getattr(greenlet, "spawning_stack", None)
    while stack is not None and "gevent" in stack.f_code.co_filename:
        stack = stack.f_back
    return None if stack is None else stacks.place_of(stack.f_code, stack.f_lineno)


def _call(code: CodeType, instruction: int) -> ast.Call | None:
    """Return the call that an instruction makes, as it is written."""
    begin, end, left, right = list(code.co_positions())[instruction // 2]
    if begin is None or begin != end or left is None or right is None:
        return None
    text = linecache.getline(code.co_filename, begin).encode()[left:right].decode(errors="replace")
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
    return node if isinstance(node, ast.Call) else None


def _waiting(call: ast.Call, frame: FrameType) -> Waiting:
    text = ast.unparse(call.func)
    owner, _, method = text.rpartition(".")
    thing = dict(naming.named_in(frame)).get(owner)
    if thing is None or not owner or isinstance(thing, type(sys)):
        return Waiting(text, "")
    kind = type(thing).__name__
    holder: Any = getattr(thing, "_owner", None)
    holders = (str(holder.name),) if hasattr(holder, "name") else ()
    if kind == "Greenlet":
        return Waiting(f"Greenlet.{method}", f"greenlet {thing.name}")
    return Waiting(f"{kind}.{method}", f"{kind} `{owner}`", None, holders)
