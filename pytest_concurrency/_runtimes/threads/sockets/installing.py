"""Put the doubles of sockets in place, and begin anew with each run."""

from __future__ import annotations

import select
import socket
from typing import TYPE_CHECKING

from pytest_concurrency._engine.listener import Notice
from pytest_concurrency._engine.task import END_OF_RUN
from pytest_concurrency._runtimes.threads.sockets.asked import Room
from pytest_concurrency._runtimes.threads.sockets.methods import Methods
from pytest_concurrency._runtimes.threads.sockets.selecting import Selecting
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch


class Sockets:
    """The sockets of the threads of a run, where the system can be asked without waiting.

    It is made before anything else that concerns sockets is replaced for an exploration, and installed after that.
    """

    def __init__(self) -> None:
        self._room = Room()
        self._is_possible = hasattr(socket, "MSG_DONTWAIT") and hasattr(select, "poll")
        self._methods = Methods(self._room)
        self._selecting = Selecting(self._room)

    def install(self, patches: Patches, watch: Watch) -> None:
        """Let sockets made by tasks obey the run."""
        if self._is_possible:
            self._methods.install(patches)
            self._selecting.install(patches, watch)

    def begin(self, run: Run) -> None:
        """Begin with no socket."""
        self._room.begins(run)

    def closes(self, run: Run) -> None:
        """Tell, if somebody listens, which sockets nobody has closed when the last task has ended."""
        book = self._room.book
        if book is None or run.listener is None or not run.listener.hears_notices:
            return
        if run.unfinished():
            run.block(run.root, END_OF_RUN, END_OF_RUN)
        for end in book.left_open():
            file, line = end.made
            place = f"{stacks.shorten(file)}:{line}  {stacks.line_text(file, line)}" if line else ""
            run.listener.noticed(Notice("open_sockets", end.called(), "is closed by nobody", place))

    def end(self) -> None:
        """Forget them."""
        self._room.ends()
