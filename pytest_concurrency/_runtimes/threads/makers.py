"""The line that made a lock or a queue, and the user's object that it is part of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from types import FrameType

_INNER_MODULES: Final = frozenset(
    {
        "pytest_concurrency._runtimes.threads.locks",
        "pytest_concurrency._runtimes.threads.simple_queue",
        "threading",
        "queue",
        "concurrent.futures._base",
        "concurrent.futures.process",
        "concurrent.futures.thread",
        "multiprocessing.context",
        "multiprocessing.pool",
        "pytest_concurrency._runtimes.threads.installing",
        "pytest_concurrency._runtimes.threads.pools",
        "pytest_concurrency._runtimes.threads.answers",
    }
)


def maker(frame: FrameType | None) -> tuple[tuple[str, int], tuple[int, ...], Any]:
    """Return (file and line, lines of the library inside, the object around) of what a frame makes."""
    part_of = None
    inside: tuple[int, ...] = ()
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name not in _INNER_MODULES or frame.f_code.co_name == "<module>":
            break
        inside = (*inside, frame.f_lineno)
        if frame.f_code.co_name == "__init__":
            part_of = frame.f_locals.get("self", part_of)
        frame = frame.f_back
    made = (frame.f_code.co_filename, frame.f_lineno) if frame is not None else ("", 0)
    return made, inside, part_of
