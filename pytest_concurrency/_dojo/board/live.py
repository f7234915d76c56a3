"""Who watches the page, and what each must still be told: bounded, however slow a browser is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_WATCHERS = 50


@dataclass(eq=False, slots=True)
class Watcher:
    """One open page.

    Attributes:
        changed: the pairs that have changed since it was told last, never more than there are,
            each with the first minute whose light has.
        time: whether the timer or the minute has changed.
    """

    changed: dict[str, int] = field(default_factory=dict)
    time: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, pair: str, minute: int) -> None:
        """Remember that a pair has changed, and its lights from a minute on."""
        self.changed[pair] = min(minute, self.changed.get(pair, minute))
        self.news.set()

    def note_time(self) -> None:
        """Remember that the timer or the minute has changed."""
        self.time = True
        self.news.set()

    def take(self) -> tuple[bool, dict[str, int]]:
        """Return whether the time, and which pairs must be told now; from here on they count as told."""
        found = self.time, self.changed
        self.time, self.changed = False, {}
        self.news.clear()
        return found


class Live:
    """All open pages."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.watchers: set[Watcher] = set()

    def enter(self, pairs: Iterable[str]) -> Watcher:
        """Let one more watch, who must be told everything about all pairs.

        Raises:
            ValueError: too many do.
        """
        if len(self.watchers) >= MOST_WATCHERS:
            raise Refused("at most {most} pages may be open, got one more", {"most": MOST_WATCHERS})
        watcher = Watcher(dict.fromkeys(pairs, 0))
        watcher.note_time()
        self.watchers.add(watcher)
        return watcher

    def leave(self, watcher: Watcher) -> None:
        """Forget one."""
        self.watchers.discard(watcher)

    def changed(self, pair: str, minute: int) -> None:
        """Note that a pair has changed, and its lights from a minute on."""
        for watcher in self.watchers:
            watcher.note(pair, minute)

    def changed_time(self) -> None:
        """Note that the timer or the minute has changed."""
        for watcher in self.watchers:
            watcher.note_time()
