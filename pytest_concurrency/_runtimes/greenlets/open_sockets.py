"""Sockets of gevent that nobody has closed when the scenario has returned."""

from __future__ import annotations

import functools
import itertools
import sys
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from pytest_concurrency._engine.current import here, quietly
from pytest_concurrency._engine.listener import Notice
from pytest_concurrency._runtimes.greenlets import telling
from pytest_concurrency._runtimes.greenlets.steps import is_heard
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.greenlets.steps import GreenletTask

    Line = tuple[str, int]


class OpenSockets:
    """The sockets that tasks of a run have made, if somebody listens, but for those of gevent's own servers."""

    def __init__(self) -> None:
        self._open: dict[int, Line] = {}
        self._numbers: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._counted = itertools.count(1)

    def install(self, patches: Patches) -> None:
        """Hear of sockets that are made, and of those that are closed or give their descriptor away."""
        sockets: Any = sys.modules["gevent.socket"].socket
        patches.set(sockets, "__init__", self._made(sockets.__init__))
        patches.set(sockets, "_detach_socket", self._closed(sockets._detach_socket))

    def begin(self) -> None:
        """Begin with none."""
        self._open.clear()
        self._numbers.clear()

    @quietly
    def at_the_end(self, run: Run, parts: Iterable[GreenletTask]) -> None:
        """Tell which are open, but for those that a greenlet has that is left: it might close them yet."""
        held = {number for part in parts for number in self._held_by(part, run)}
        for number, (file, line) in self._open.items():
            if number not in held:
                name = stacks.name_at(file, line, "socket") or stacks.name_at(file, line, "create_connection")
                who = f"socket `{name}`" if name and "," not in name else "socket"
                place = f"{stacks.shorten(file)}:{line}  {stacks.line_text(file, line)}"
                run.listener.noticed(Notice("open_sockets", who, "is closed by nobody", place))

    def _held_by(self, part: GreenletTask, run: Run) -> Iterable[int]:
        frame = None if part.greenlet is None or part.greenlet.dead else part.stands_at()
        while frame is not None:
            if run.watch.is_watched(frame.f_code.co_filename):
                kind = sys.modules["gevent.socket"].socket
                found = [each for each in frame.f_locals.values() if issubclass(type(each), kind)]
                yield from (self._numbers[each] for each in found if each in self._numbers)
            frame = frame.f_back

    def _made(self, original: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(original)
        def init(sock: Any, *args: Any, **kwargs: Any) -> None:
            original(sock, *args, **kwargs)
            task, maker = here.task, sys._getframe(1)
            if task is None or not is_heard(task.run) or maker.f_globals.get("__name__") == "gevent.server":
                return  # a server unwraps its own, and closes what lies inside
            line = stacks.line_of(telling.caller(maker, task.run.watch))
            if line[0]:
                number = self._numbers[sock] = next(self._counted)
                self._open[number] = line

        return init

    def _closed(self, original: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(original)
        def detach(sock: Any, *args: Any) -> None:
            original(sock, *args)
            self._open.pop(self._numbers.pop(sock, 0), None)

        return detach
