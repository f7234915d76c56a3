"""A thread under control, and what unwinds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._machine import real

if TYPE_CHECKING:
    import threading

    from pytest_concurrency._engine.run import Run

SWALLOWS: Final = 100

RUNNING: Final = "running"
ENDED: Final = "ended"


class Unwind(BaseException):
    """Unwinds a stopped task; no `except Exception` of a test may catch it."""


class Task:
    """A thread under control."""

    __slots__ = (
        "baton",
        "daemon",
        "events",
        "id",
        "ident",
        "joiners",
        "name",
        "native",
        "outside",
        "owns_frames",
        "parked",
        "quiet",
        "run",
        "saved",
        "site",
        "state",
        "swallowed",
        "thread",
        "timed_out",
        "waits_for",
        "where",
    )

    def __init__(self, run: Run, number: int, name: str) -> None:
        self.run = run
        self.id = number
        self.name = name
        self.thread: threading.Thread | None = None
        self.daemon = False
        self.baton = real.allocate_lock()
        self.baton.acquire()
        self.ident = 0
        self.native = 0
        self.state = RUNNING
        self.outside = False  # invariant: an outside task is not in Run.runnable
        self.quiet = 0  # > 0: no switch is chosen (imports, log handlers, finalisers)
        self.events = 0  # watched accesses since its last turn began
        self.waits_for: object = None
        self.timed_out = False
        self.joiners: list[Task] = []
        self.swallowed = 0
        self.parked = False
        self.saved: dict[Any, Any] = {}
        self.where: Any = None
        self.site = -1  # of the watched access it is about to announce
