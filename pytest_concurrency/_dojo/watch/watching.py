"""The loop of `katas watch`: keys, changes and runs meet in one queue."""

from __future__ import annotations

import contextlib
import queue
import re
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_concurrency._dojo import course, desk, running
from pytest_concurrency._dojo.commands import finding, helping
from pytest_concurrency._dojo.running import Attempt
from pytest_concurrency._dojo.states import State
from pytest_concurrency._dojo.watch import keys, view
from pytest_concurrency._dojo.watch.view import View
from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from pytest_concurrency._dojo.desk import Desk
    from pytest_concurrency._dojo.events import Run
    from pytest_concurrency._katas.index import Kata

STEP = 0.1  # seconds between two looks at a run
EMPHASIS = re.compile(r"\*+([^*\n]+)\*+")
CLEAR = "\x1b[H\x1b[2J\x1b[3J"


def watch(at: Desk, name: str | None, patience: float) -> int:
    """Watch until `q`, or until it is interrupted; without a keyboard it goes on."""
    desk.need("watchfiles", "katas watch")
    events: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    with running.ended_with_the_terminal(), _changes(at, events), keys.listening(lambda key: events.put(("key", key))):
        watcher = Watcher(at, at.at_hand(name), patience)
        watcher.start()
        try:
            while not watcher.over:
                watcher.step(events)
        finally:
            watcher.stop()
    return 0


@contextlib.contextmanager
def _changes(at: Desk, events: queue.SimpleQueue[tuple[str, str]]) -> Iterator[None]:
    """Put the path of each changed file into the queue."""
    import watchfiles

    over = threading.Event()

    def follow() -> None:
        seen = watchfiles.watch(
            at.folder.katas,
            watch_filter=watchfiles.PythonFilter(),
            debounce=150,
            step=50,
            stop_event=over,
            rust_timeout=500,
        )
        for changes in seen:
            for _, path in sorted(changes):
                events.put(("change", path))

    follower = threading.Thread(target=follow, name="changes", daemon=True)
    follower.start()
    try:
        yield
    finally:
        over.set()
        follower.join()


class Watcher:
    """One kata at a time, and the run of it that goes on."""

    def __init__(self, at: Desk, kata: Kata, patience: float) -> None:
        """Begin with a kata; nothing runs yet."""
        self.over = False
        self._at = at
        self._patience = patience
        self._attempt: Attempt | None = None
        self._view = View(kata)
        self._drawn: tuple[View, os.terminal_size] | None = None

    def start(self, *extra: str) -> None:
        """Run the kata that is watched; a run that goes on is ended."""
        self.stop()
        kata = self._view.kata
        try:
            desk.refuse_if_gone(self._at.folder, kata)
        except Refused as error:
            self._view = View(kata, extra=(self._at.words.of(error),))
            return
        if extras := desk.missing([kata]):
            self._view = View(kata, extra=(finding.needs(self._at, kata.name, extras),))
            return
        self._attempt = Attempt(self._at.folder, kata, self._patience, words=self._at.words)
        self._view = View(kata, self._attempt.run, extra=extra)

    def stop(self) -> None:
        """End the run that goes on, if there is one."""
        if self._attempt:
            self._attempt.stop()
            self._attempt = None

    def step(self, events: queue.SimpleQueue[tuple[str, str]]) -> None:
        """Draw, take one event if there is one, and look at the run."""
        self._draw()
        with contextlib.suppress(queue.Empty):
            kind, what = events.get(timeout=STEP)
            (self._press if kind == "key" else self._changed)(what)
        if self._attempt:
            self._look(self._attempt)

    def _look(self, attempt: Attempt) -> None:
        run = attempt.look()
        self._view = replace(self._view, run=run, silence=int(attempt.silence), place=attempt.place)
        if run.done:
            self._attempt = None
            self._record(run)
            if run.state is State.GREEN:
                self._view = replace(self._view, extra=(*self._view.extra, *self._onward()))

    def _record(self, run: Run) -> None:
        try:
            self._at.folder.record(run)
        except (Refused, OSError) as error:  # the watch goes on where nothing can be written down
            self._view = replace(self._view, extra=(*self._view.extra, self._at.words.of(error)))

    def _onward(self) -> list[str]:
        """Name the kata that follows the one that is now green."""
        states = self._at.states(self._at.folder.progress())
        kata = course.following(self._at.katas, states, self._view.kata.name)
        return [f"✓ {self._view.kata.path}   n → {kata.path}"] if kata else []

    def _changed(self, path: str) -> None:
        """Run the kata that a changed file belongs to."""
        places = self._at.folder.curriculum.places
        name = next((part for part in reversed(Path(path).parts) if part in places), None)
        if name:
            self._view = View(self._at.folder.curriculum.kata(name))
            self.start()

    def _press(self, key: str) -> None:
        match key:
            case "q" | "\x04" | "\x03":
                self.over = True
            case "r":
                self.start()
            case "h":
                self._view = replace(self._view, extra=tuple(self._hint()))
            case "n":
                self._next()
            case "l":
                self._view = replace(self._view, extra=tuple(self._list()))

    def _hint(self) -> list[str]:
        try:
            return [EMPHASIS.sub(r"\1", text) for text in helping.next_hint(self._at, self._view.kata, None)]
        except (Refused, OSError) as error:
            return [self._at.words.of(error)]

    def _next(self) -> None:
        states = self._at.states(self._at.folder.progress())
        kata = course.following(self._at.katas, states, self._view.kata.name)
        if kata is None:
            self._view = replace(self._view, extra=(self._at.words(finding.ALL_DONE),))
            return
        self._view = View(kata)
        self.start()

    def _list(self) -> list[str]:
        states = self._at.states(self._at.folder.progress())
        tracks = self._at.folder.curriculum.tracks
        track = next(each for each in tracks if each.name == self._view.kata.track)
        return [f"{self._at.screen.mark(states[name])} {name}" for name in track.katas]

    def _draw(self) -> None:
        at, size = self._at, shutil.get_terminal_size()
        if (self._view, size) == self._drawn:
            return
        self._drawn = (self._view, size)
        if at.screen.is_rich:
            at.screen.output.write(CLEAR)
        for text, style in view.lines(at, self._view, size.lines, size.columns):
            at.screen.line(text, style)
        at.screen.output.flush()
