"""Where a task of another process is: what its frames would show, as values that travel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._runtimes.processes.meeting import Meeting, named
from pytest_concurrency._sight import stacks
from pytest_concurrency._sight.watching import OWN, STANDARD

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._sight.watching import Watch

_DEPTH: Final = 2


@dataclass(frozen=True, slots=True)
class Code:
    """What is asked of a code object.

    Attributes:
        co_filename: As the other process has it.
        co_qualname: The function.
        co_name: Its last part.
        co_firstlineno: Where it begins.
        co_varnames: Whether it is a method.
    """

    co_filename: str
    co_qualname: str
    co_name: str
    co_firstlineno: int
    co_varnames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What is asked of a frame, by reports and by the watchdog.

    Attributes:
        f_code: See `Code`.
        f_lineno: The line.
        f_locals: The object whose method it is, for a call of the library.
        f_globals: Empty.
        f_back: The frame around.
        f_lasti: The instruction, which nobody knows here.
    """

    f_code: Code
    f_lineno: int
    f_locals: dict[str, Any] = field(default_factory=dict)
    f_globals: dict[str, Any] = field(default_factory=dict)
    f_back: Frame | None = None
    f_lasti: int = -1


def beginning(code: CodeType | None) -> tuple[Any, ...]:
    """Return where a thread is that has not begun."""
    if code is None:
        return (None, None)
    line = code.co_firstlineno
    return ((code.co_filename, line, code.co_qualname, code.co_name, line), None)


def spot(frame: FrameType | None, watch: Watch, floor: CodeType) -> tuple[Any, ...]:
    """Return where a thread is in the user's code, and in which call of the library.

    Args:
        frame: Where it is.
        watch: Whose code is the user's.
        floor: What a child process begins with: the frames below are those of the process that was forked.
    """
    user = frame
    while user is not None and user.f_code is not floor and watch.kind(user.f_code.co_filename) in (OWN, STANDARD):
        user = user.f_back
    place = None
    if user is not None and user.f_code is not floor:
        code = user.f_code
        place = (code.co_filename, user.f_lineno or 0, code.co_qualname, code.co_name, code.co_firstlineno)
    is_below = user is not None and user.f_code is floor
    method, owner = ("", None) if is_below else stacks.inner_call(frame, watch)
    made = made_of(owner, _DEPTH) if owner is not None else None
    return (place, None if made is None else (method, type(owner).__name__, made.made))


def made_of(thing: Any, depth: int) -> Meeting | None:
    """Find what we know of an object of multiprocessing, or of one inside it."""
    known = getattr(thing, "_concurrency", None)
    if isinstance(known, Meeting):
        return known
    for value in getattr(thing, "__dict__", {}).values() if depth else ():
        if type(value).__module__.startswith("multiprocessing."):
            found = made_of(value, depth - 1)
            if found is not None:
                return found
    return None


def frame_of(told: tuple[Any, ...], state: int, library: str) -> Frame | None:
    """Return the frames that a spot tells of.

    Args:
        told: What `spot` has returned in the other process.
        state: What is equal when its variables are.
        library: A file name of the standard library.
    """
    place, call = told
    user = None
    if place is not None:
        file, line, function, name, first = place
        user = Frame(Code(file, function, name, first), line, {"state": state})
    if call is None:
        return user
    method, owner, made = call
    stand_in = type(owner, (), {})()
    vars(stand_in)["made"] = named(("made",), "Lock", made)
    return Frame(Code(library, method, method, 0, ("self",)), 0, {"self": stand_in}, f_back=user)
