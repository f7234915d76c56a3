"""Thread identity: a logbook of who did what. It is wrong; the contract is in README.md."""

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
        thread = threading.Thread(target=job, name=name)
        self.crew.append(thread)
        me = threading.currentThread()
        self.entries.append((what, me.getName(), me.ident))
        return thread

    def on_board(self) -> list[str]:
        """Return the names of those hired here who are at work."""
        return [thread.getName() for thread in self.crew if thread.isAlive()]

    def not_begun(self) -> list[str]:
        """Return the names of those hired here who have not begun."""
        return [thread.getName() for thread in self.crew if not thread.isAlive()]

    def headcount(self) -> int:
        """Return how many threads there are in the whole program."""
        return 1 + len(self.crew)

    def strangers(self) -> list[str]:
        """Return the names of the threads that were not hired here."""
        ours = [thread.getName() for thread in self.crew]
        return [each.getName() for each in threading.enumerate() if each.getName() not in ours]
