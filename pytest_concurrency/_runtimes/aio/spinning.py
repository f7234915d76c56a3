"""What is looked at in a loop that never rests: where its tasks are, and what their variables hold."""

from __future__ import annotations

from typing import Any, Final

from pytest_concurrency._runtimes.aio.steps import frames, task_of

_PLAIN: Final = frozenset({int, float, str, bool, bytes})


def state(handle: Any) -> tuple[Any, ...] | None:
    """Return where a handle's task is, and the numbers and texts in its variables; None for one that is cancelled."""
    if handle._cancelled:
        return None
    task = task_of(handle)
    if task is None:
        return (getattr(handle._callback, "__qualname__", type(handle._callback)),)
    found: list[Any] = []
    for frame in frames(task.get_coro()):
        found += [frame.f_code, frame.f_lasti, *(each for each in frame.f_locals.values() if type(each) in _PLAIN)]
    return tuple(found)
