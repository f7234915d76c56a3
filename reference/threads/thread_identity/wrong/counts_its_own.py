"""Counts those on board, and forgets all others."""

import threading
from collections.abc import Callable


class Logbook:
    """Hires threads, lets them sign for their work, and knows who is on board."""

    def __init__(self) -> None:
        """Begin with an empty book."""
        self.entries: list[tuple[str, str, int]] = []
        self.crew: list[threading.Thread] = []

    def hire(self, what: str, job: Callable[[], object], name: str | None = None):
        """Return a thread, not started, that will sign for `what` and then do the job."""

        def work() -> None:
            me = threading.current_thread()
            self.entries.append((what, me.name, me.ident))
            job()

        thread = threading.Thread(target=work, name=name)
        self.crew.append(thread)
        return thread

    def on_board(self) -> list[str]:
        """Return the names of those hired here who are at work."""
        return [thread.name for thread in self.crew if thread.is_alive()]

    def not_begun(self) -> list[str]:
        """Return the names of those hired here who have not begun."""
        return [thread.name for thread in self.crew if thread.ident is None]

    def headcount(self) -> int:
        """Return how many threads there are in the whole program."""
        return 1 + len(self.on_board())

    def strangers(self) -> list[str]:
        """Return the names of the threads that were not hired here."""
        return [each.name for each in threading.enumerate() if each not in self.crew]
