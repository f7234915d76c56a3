"""Live frames turned into values: where a thread is in the user's own code, and in which call."""

from __future__ import annotations

import ast
import contextlib
import functools
import linecache
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.schedule import Where
from pytest_concurrency._core.telling.report import Place
from pytest_concurrency._sight.watching import OWN, STANDARD, WATCHED, is_own

if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType

    from pytest_concurrency._sight.watching import Watch


def user_frame(frame: FrameType | None, watch: Watch) -> FrameType | None:
    """Return the innermost frame that is neither ours nor the standard library's."""
    while frame is not None and watch.kind(frame.f_code.co_filename) in (OWN, STANDARD):
        frame = frame.f_back
    return frame


def is_in_handler(frame: FrameType | None, watch: Watch) -> bool:
    """Tell whether a frame is below a signal's handler that was set in a run."""
    while frame is not None:
        if frame.f_code.co_qualname == "_Handler.__call__" and watch.kind(frame.f_code.co_filename) is OWN:
            return True
        frame = frame.f_back
    return False


def frame_of_run(frame: FrameType | None, watch: Watch) -> FrameType | None:
    """Return the innermost frame of the user's, but none of who has begun the run: None in a loop's own callback."""
    while frame is not None and (kind := watch.kind(frame.f_code.co_filename)) in (OWN, STANDARD):
        if kind is OWN and frame.f_code.co_qualname == "Stage.run":
            return None
        frame = frame.f_back
    return frame


def watched_frame(frame: FrameType | None, watch: Watch) -> FrameType | None:
    """Return the innermost frame of watched code."""
    while frame is not None and not watch.is_watched(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def is_pytests(frame: FrameType) -> bool:
    """Tell whether a frame is of pytest, as where an `assert` shows what it has compared."""
    return str(frame.f_globals.get("__name__")).startswith("_pytest.")


def standing(frame: FrameType | None, watch: Watch) -> tuple[Place | None, Place | None]:
    """Return where a thread is in watched code, and where in the code of others that this has called."""
    inner = user_frame(frame, watch)
    outer = watched_frame(inner, watch)
    if inner is None:
        return None, None
    return (frame_place(inner), None) if outer in (None, inner) else (frame_place(outer), frame_place(inner))


def callers(frame: FrameType | None, watch: Watch) -> tuple[Place, ...]:
    """Return from where watched code has called the place that `standing` names, innermost first."""
    found = []
    while frame is not None:
        if watch.is_watched(frame.f_code.co_filename):
            found.append(frame_place(frame))
        frame = frame.f_back
    return tuple(found[1:])


def plain_state(frame: FrameType | None) -> tuple[object, ...]:
    """Return where a thread is, and the numbers and texts in its variables: equal if it came back to where it was."""
    state: list[object] = []
    while frame is not None:
        code = frame.f_code
        if not is_own(code.co_filename):
            values = [value for value in frame.f_locals.values() if type(value) in _PLAIN]
            state.append((code, frame.f_lasti, *values))
        frame = frame.f_back
    return tuple(state)


_PLAIN = frozenset({int, float, str, bool, bytes})


def short_name(code: CodeType) -> str:
    """Return the qualified name of a function without `<locals>`."""
    name = code.co_name if code.co_qualname == "<module>" else code.co_qualname  # of a traceback that was copied
    return name.replace("<locals>.", "")


def place_of(code: CodeType, line: int | None) -> Place:
    """Return the place of a line, with its source text; the function's where its frame is at none, as it passes on."""
    line = line or code.co_firstlineno
    source = linecache.getline(code.co_filename, line).strip()
    return Place(shorten(code.co_filename), line, short_name(code), source)


def line_text(filename: str, line: int) -> str:
    """Return the source of a line."""
    return linecache.getline(filename, line).strip()


def lines_of(filename: str) -> list[str]:
    """Return all lines of a file; none where it cannot be read."""
    return linecache.getlines(filename)


def line_of(frame: FrameType | None) -> tuple[str, int]:
    """Return the file and the number of the line that a frame is at; nothing is read."""
    return ("", 0) if frame is None else (frame.f_code.co_filename, frame.f_lineno or 0)


def frame_place(frame: FrameType | None) -> Place:
    """Return where a frame is now."""
    if frame is None:
        return Place("unknown", 0)
    return place_of(frame.f_code, frame.f_lineno)


def shorten(filename: str) -> str:
    """Return a path relative to the working directory where it lies below it; of installed code from its package on."""
    try:
        return _shorten(filename, os.getcwd())
    except OSError:
        return filename


@functools.lru_cache(maxsize=512)
def _shorten(filename: str, folder: str) -> str:
    installed = _INSTALLED.split(filename)
    if len(installed) > 1:
        return installed[-1].replace("\\", "/")
    try:
        relative = Path(filename).resolve().relative_to(folder)
    except (ValueError, OSError):
        return filename
    return relative.as_posix()


_INSTALLED = re.compile(r"[\\/](?:site|dist)-packages[\\/]")


def where(frame: FrameType | None, operation: str) -> Where:
    """Name a point so that it moves along with its function."""
    if frame is None:
        return Where("", 0, operation)
    code = frame.f_code
    return Where(short_name(code), (frame.f_lineno or 0) - code.co_firstlineno, operation)


def inner_call(frame: FrameType | None, watch: Watch) -> tuple[str, Any]:
    """Return (method, object) of the standard library call in which a thread waits.

    It is the outermost method below the user's own frame, mostly the one that the user calls. What
    starts threads is no such call: a thread may have a method of the library as its target. A method
    may leave its work to functions of its own file.
    """
    method, owner, of = "", None, ""  # the file of such functions
    while frame is not None and frame.f_code.co_qualname not in _THREAD_STARTS:
        kind = watch.kind(frame.f_code.co_filename)
        # Only of methods: reading the locals of any frame of the library has crashed Python 3.12.1.
        if kind is STANDARD and frame.f_code.co_varnames[:1] == ("self",) and of in ("", frame.f_code.co_filename):
            method, owner, of = frame.f_code.co_name, frame.f_locals["self"], ""
        elif kind is STANDARD and not method and of in ("", frame.f_code.co_filename):
            of = frame.f_code.co_filename
        elif kind is not OWN:
            break
        frame = frame.f_back
    return method, owner


_THREAD_STARTS = frozenset({"Thread.run", "Timer.run", "_WorkItem.run", "WorkerContext.run", "_worker"})


def _one_of_several(statement: ast.stmt, kind: str) -> str:
    """Return the target of `a, b = 1, Lock()` that gets the lock; "" where it is not the only one."""
    match statement:
        case ast.Assign(targets=[ast.Tuple()], value=ast.Tuple()):
            names = _each_of_several(statement, kind)
            return names[0] if len(names) == 1 else ""
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            return ast.unparse(target)
    return ""


def _each_of_several(statement: ast.stmt, kind: str) -> list[str]:
    """Return the targets of `a, b = Lock(), Lock()`, in the order in which the locks are made."""
    match statement:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            made = [ast.unparse(value).partition("(")[0].rpartition(".")[2] == kind for value in values]
            return [ast.unparse(target) for target, is_it in zip(targets, made, strict=False) if is_it]
    return []


def names_at(filename: str, line: int, kind: str) -> list[str]:
    """Return the names that a line assigns several new objects of some kind to, in the order in which it makes them."""
    text = linecache.getline(filename, line).strip()
    if text.count(kind + "(") > 1 and "," in text:
        with contextlib.suppress(SyntaxError):
            making = [each for each in ast.parse(text).body if kind + "(" in ast.unparse(each)]
            names = _each_of_several(making[0], kind) if len(making) == 1 else []
            return names if len(names) == text.count(kind + "(") else []
    return []


_ASSIGNED = re.compile(r"^\s*((?:[\w.\[\]'\"]+\s*,\s*)*[\w.\[\]'\"]+)\s*(?::[^=]+)?=[^=]")


def name_at(filename: str, line: int, kind: str) -> str:
    """Return the name that a line assigns a new object of some kind to, as written there, or ""."""
    return _name_in(linecache.getline(filename, line).strip(), kind)


@functools.lru_cache(maxsize=1024)
def _name_in(text: str, kind: str) -> str:
    if kind + "(" in text and ("," in text or ";" in text):
        with contextlib.suppress(SyntaxError):
            making = [each for each in ast.parse(text).body if kind + "(" in ast.unparse(each)]
            return _one_of_several(making[0], kind) if len(making) == 1 else ""
    found = _ASSIGNED.match(text)
    return found[1].strip() if found and not ("," in found[1] and _gives_several(text)) else ""


def _gives_several(text: str) -> bool:
    """Tell whether a line assigns several values that it makes, of which this may be any."""
    with contextlib.suppress(SyntaxError):
        return any(isinstance(each, ast.Assign) and isinstance(each.value, ast.Tuple) for each in ast.parse(text).body)
    return False


def error_lines(error: BaseException, watch: Watch, told: tuple[BaseException, ...] = ()) -> tuple[str, ...]:
    """Return an error as lines: type and message, then the frames from the user's first one on, innermost last.

    What it was raised from comes after it. `told` are those of which it is a part or the cause.
    """
    told = (*told, error)
    text = without_addresses("".join(_only(error))).rstrip("\n")
    lines = text.splitlines() or [type(error).__name__]
    shown = [f"  {place} in {place.function}: {place.source}" for place in places(error, watch, others=True)]
    lines += shown if len(shown) <= MAX_FRAMES else _without_the_middle(shown)
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            lines += [f"  + {line}" for line in error_lines(each, watch, told)]
    cause = error.__cause__
    # One without a traceback was raised in another process, and brings a text instead.
    if cause is not None and cause.__traceback__ is not None and not any(cause is each for each in told):
        first, *others = error_lines(cause, watch, told)
        lines += [f"  from {first}", *(f"  {line}" for line in others)]
    return tuple(lines)


MAX_FRAMES = 20


def _without_the_middle(lines: list[str]) -> list[str]:
    ends = MAX_FRAMES // 2
    return [*lines[:ends], f"  ... {len(lines) - 2 * ends} more frames ...", *lines[-ends:]]


_ADDRESS = re.compile(r" (?:object )?at 0x[0-9a-fA-F]+")


def without_addresses(text: str) -> str:
    """Return a text without the addresses in it, so that equal failures give equal text."""
    return _ADDRESS.sub("", text)


def _only(error: BaseException) -> list[str]:
    import traceback

    if isinstance(error, BaseExceptionGroup):
        return [f"{type(error).__name__}: {error}"]
    return list(traceback.TracebackException(type(error), error, None).format_exception_only())


def places(error: BaseException, watch: Watch, *, others: bool = False) -> list[Place]:
    """Return the places of an error's traceback that are watched, outermost first.

    Where none is, the last place of all, so that the reader has something.

    Args:
        error: The error.
        watch: Whose code is watched.
        others: Whether also those of installed packages that watched code has called.
    """
    found: list[Place] = []
    last: Place | None = None
    for step in _raised_once(error.__traceback__):
        code = step.tb_frame.f_code
        kind = watch.kind(code.co_filename)
        if kind is WATCHED:
            found.append(place_of(code, step.tb_lineno))
        elif kind is not OWN:
            last = place_of(code, step.tb_lineno)
            if others and found and kind is not STANDARD and last.source:
                found.append(last)
    return found or ([last] if last is not None else [])


def _raised_once(step: TracebackType | None) -> list[TracebackType]:
    """Return the steps of a traceback; where the same error was raised in several runs, those of one of them."""
    parts: list[list[TracebackType]] = []
    while step is not None:
        if not parts or step.tb_frame.f_back is not parts[-1][-1].tb_frame:
            parts.append([])  # nobody before has called this one
        parts[-1].append(step)
        step = step.tb_next
    once = {tuple((each.tb_frame.f_code, each.tb_lineno) for each in part): part for part in reversed(parts)}
    return [each for part in parts if any(part is other for other in once.values()) for each in part]
