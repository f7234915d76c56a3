"""What every command needs: the folder, the words, the screen."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_concurrency._dojo import course
from pytest_concurrency._dojo.progress import EARLIEST, Entry
from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_concurrency._dojo.folder import Folder
    from pytest_concurrency._dojo.progress import Progress
    from pytest_concurrency._dojo.screen import Screen
    from pytest_concurrency._dojo.states import State
    from pytest_concurrency._dojo.words import Words
    from pytest_concurrency._katas.index import Kata

NEEDS = "{what} needs {extras}: {command}"
BRING = "pip install 'pytest-concurrency-katas[{extra}]'"


@dataclass(frozen=True, slots=True)
class Desk:
    """One learner at work."""

    folder: Folder
    words: Words
    screen: Screen

    @property
    def katas(self) -> list[Kata]:
        """Return all katas in the order of learning."""
        return [self.folder.curriculum.kata(name) for name in self.folder.curriculum.places]

    def states(self, progress: Progress) -> dict[str, State]:
        """Return where each kata stands."""
        return {kata.name: self.folder.state(kata, progress.get(kata.name, Entry())) for kata in self.katas}

    def at_hand(self, name: str | None) -> Kata:
        """Return the kata that was named, else the one to work on.

        Raises:
            ValueError: there is no such kata, or all are green and none was named.
        """
        if name:
            return self.folder.kata(name)
        progress = self.folder.progress()
        kata = self.suggested(progress, self.states(progress))
        if kata is None:
            raise Refused("all katas are green; name the one you mean")
        return kata

    def suggested(self, progress: Progress, states: dict[str, State]) -> Kata | None:
        """Return the kata to work on; None where all are green."""
        last = {kata: entry.at for kata, entry in progress.items() if entry.at > EARLIEST}
        return course.suggest(self.katas, states, last)

    def shown(self, kata: Kata) -> str:
        """Write the path of a kata's file the way one would type it from the folder."""
        return kata.stub.relative_to(self.folder.root).as_posix()


def missing(katas: Iterable[Kata]) -> tuple[str, ...]:
    """Name the packages that katas need and that are not installed."""
    extras = dict.fromkeys(extra for kata in katas for extra in kata.extras)
    return tuple(name for name in extras if importlib.util.find_spec(name) is None)


def refuse_if_gone(folder: Folder, kata: Kata) -> None:
    """Refuse a kata whose file is not there any more.

    Raises:
        Refused: it is not, with the command that brings it back.
    """
    if not kata.stub.is_file():
        path = kata.stub.relative_to(folder.root).as_posix()
        raise Refused("{path} is gone; `katas reset {kata}` brings it back", {"path": path, "kata": kata.name})


def need(package: str, what: str) -> None:
    """Refuse a command whose package is not installed.

    Raises:
        ValueError: it is not, with the command that brings it.
    """
    if importlib.util.find_spec(package) is None:
        raise Refused(NEEDS, {"what": what, "extras": package, "command": BRING.format(extra="dojo")})
