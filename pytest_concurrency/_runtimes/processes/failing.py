"""An error of a child process, as values that travel, and what the other side makes of them."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.errors import ChildFailed
from pytest_concurrency._engine import explain

if TYPE_CHECKING:
    from pytest_concurrency._sight.watching import Watch

_LONGEST: Final = 10_000
_MOST: Final = 20


def packed(error: BaseException, watch: Watch, longest: int = _LONGEST) -> tuple[Any, ...]:
    """Return an error as plain values: itself as far as it can be pickled, its text, and where it came from."""
    try:
        itself = pickle.dumps(error)
        pickle.loads(itself)  # one that cannot come back is told in words
    except Exception:
        itself = b""
    places = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if watch.is_watched(code.co_filename):
            places.append((code.co_filename, step.tb_lineno, code.co_name))
        step = step.tb_next
    text = f"{type(error).__name__}: {error}"
    return (itself if len(itself) <= longest else b"", text[:_LONGEST], tuple(places[-_MOST:]))


def unpacked(told: tuple[Any, ...]) -> BaseException:
    """Return the error, with a traceback that shows where it came from in the other process."""
    itself, text, places = told
    error: BaseException
    try:
        error = pickle.loads(itself)
    except Exception:
        error = ChildFailed(explain.standing(text))
    for place in reversed(places):
        error = _raised(error, *place)
    return error


def _raised(error: BaseException, file: str, line: int, function: str) -> BaseException:
    """Let an error have come through a line."""
    code = compile("\n" * (line - 1) + "raise error", file, "exec").replace(co_name=function, co_qualname=function)
    try:
        exec(code, {"error": error})
    except BaseException as raised:
        trace = raised.__traceback__
        return raised.with_traceback(None if trace is None else trace.tb_next)
    raise AssertionError
