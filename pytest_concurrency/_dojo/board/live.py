"""Who watches the page, and what each must still be told: bounded, however slow a browser is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

MOST_WATCHERS = 50


@dataclass(eq=False, slots=True)
class Watcher:
    """One open page.

    Attributes:
        changed: the pairs that have changed since it was told last; never more than there are pairs.
        everything: whether all of the page has changed.
    """

    changed: set[str] = field(default_factory=set)
    everything: bool = True
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, pair: str) -> None:
        """Remember that a pair has changed."""
        self.changed.add(pair)
        self.news.set()

    def note_all(self) -> None:
        """Remember that the whole page has changed."""
        self.everything = True
        self.news.set()

    def take(self) -> set[str] | None:
        """Return the pairs that must be told now, `None` for the whole page; from here on they count as told."""
        found = None if self.everything else self.changed
        self.everything, self.changed = False, set()
        self.news.clear()
        return found


class Live:
    """All open pages."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.watchers: set[Watcher] = set()

    def enter(self) -> Watcher:
        """Let one more watch.

        Raises:
            ValueError: too many do.
        """
        if len(self.watchers) >= MOST_WATCHERS:
            raise ValueError(f"at most {MOST_WATCHERS} pages may be open, got one more")
        watcher = Watcher()
        watcher.note_all()
        self.watchers.add(watcher)
        return watcher

    def leave(self, watcher: Watcher) -> None:
        """Forget one."""
        self.watchers.discard(watcher)

    def changed(self, pair: str) -> None:
        """Note that a pair has changed."""
        for watcher in self.watchers:
            watcher.note(pair)

    def changed_all(self) -> None:
        """Note that the whole page has changed: the timer, or the minute."""
        for watcher in self.watchers:
            watcher.note_all()
