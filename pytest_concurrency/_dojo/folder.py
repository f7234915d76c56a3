"""A learner's folder: the katas in it, what was done so far, and what `katas` remembers beside it."""

from __future__ import annotations

import contextlib
import difflib
import functools
import json
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_concurrency._dojo import bundle, progress
from pytest_concurrency._dojo.progress import Damaged, Entry
from pytest_concurrency._dojo.states import State, task_at_hand
from pytest_concurrency._dojo.translations import LANGUAGES
from pytest_concurrency._katas import index
from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._dojo.bundle import Bundle
    from pytest_concurrency._dojo.events import Run
    from pytest_concurrency._dojo.progress import Progress
    from pytest_concurrency._katas.index import Curriculum, Kata

SOURCE = "source"  # where the katas came from, if not with the package


class Folder:
    """One folder with katas, and everything that is remembered in it.

    Args:
        root: the folder that holds `katas`.
        brought: the katas as they came with the package.
    """

    def __init__(self, root: Path, brought: Bundle) -> None:
        """Remember where; nothing is read yet."""
        self.root = root.resolve()
        self.katas = self.root / "katas"
        self.bundle = brought
        self.private = self.root / ".katas"
        self.progress_file = self.root / "progress.toml"

    @property
    def is_clone(self) -> bool:
        """Tell whether these are the very files that the package brought: a clone of the project."""
        return self.katas == self.bundle.katas

    @functools.cached_property
    def curriculum(self) -> Curriculum:
        """Return the tracks, with the worked solutions that the package brought."""
        return index.read_curriculum(self.katas, self.bundle.reference)

    def kata(self, name: str) -> Kata:
        """Return a kata by its name, its path, or the beginning of its name where only one begins so.

        Raises:
            ValueError: there is no such kata, or there are several.
        """
        wanted = name.rstrip("/").rpartition("/")[2].removesuffix(".py").removeprefix("test_")
        names = list(self.curriculum.places)
        found = [wanted] if wanted in names else [each for each in names if wanted and each.startswith(wanted)]
        if len(found) == 1:
            return self.curriculum.kata(found[0])
        near = found or difflib.get_close_matches(wanted, names, 3) or names[:3]
        values = {"got": name, "names": ", ".join(near)}
        if found:
            raise Refused("KATA must be the name of one kata, got {got!r}: {names}", values)
        raise Refused("KATA must be the name of one kata, got {got!r}: {names}, … (`katas list` shows all)", values)

    @property
    def machine(self) -> str:
        """Return the name under which this machine counts its runs."""
        file = self.private / "machine"
        if not file.is_file():
            self.remember("machine", secrets.token_hex(2))
        return file.read_text(encoding="utf-8").strip()

    def remember(self, name: str, text: str) -> None:
        """Keep a text for this machine only."""
        self.private.mkdir(exist_ok=True)
        replace_text(self.private / name, text)

    def recall(self, name: str) -> str:
        """Return a text that was kept; empty when there is none."""
        file = self.private / name
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    @property
    def language(self) -> str:
        """Return the language that was asked for last; English when it is none that there is."""
        found = self.recall("lang").strip()
        return found if found in LANGUAGES else LANGUAGES[0]

    def written(self) -> dict[str, str]:
        """Return the fingerprints of what `init` wrote, by path."""
        with contextlib.suppress(ValueError):  # half of it: then what differs from the package's is the learner's
            found: dict[str, str] = json.loads(self.recall("manifest.json") or "{}")
            return found
        return {}

    def progress(self) -> Progress:
        """Read what was done so far.

        Raises:
            Refused: the file was edited and cannot be read.
        """
        text = self._progress_text()
        try:
            return progress.read(text, self.progress_file.name)
        except Damaged:
            return progress.salvaged(text, self.progress_file.name)

    def _progress_text(self) -> str:
        return self.progress_file.read_text(encoding="utf-8", errors="replace") if self.progress_file.is_file() else ""

    def mend(self) -> Path | None:
        """Keep what can be read of a damaged file of progress; return where the file is now as it was, if it was."""
        try:
            progress.read(self._progress_text(), self.progress_file.name)
        except Damaged:
            aside = free_name(self.progress_file)
            found = self.progress()
            self.progress_file.replace(aside)
            replace_text(self.progress_file, progress.write(found))
            return aside
        return None

    def update(self, name: str, change: Callable[[Entry], Entry]) -> Entry:
        """Change the entry of one kata, and write the file anew, all of it or nothing."""
        self.mend()
        found = self.progress()
        found[name] = change(found.get(name, Entry()))
        replace_text(self.progress_file, progress.write(found))
        return found[name]

    def record(self, run: Run) -> None:
        """Note down what a whole run of a kata came to; a run of a part says nothing about the kata."""
        if run.whole and run.kata in self.curriculum.places:
            now = datetime.now(UTC).replace(microsecond=0)
            task = task_at_hand(run.tasks) or 0
            self.update(run.kata, lambda entry: progress.after_run(entry, run.state, task, now, self.machine))

    def original(self, kata: Kata) -> Path:
        """Locate the stub of a kata as it came with the package."""
        return self.bundle.katas / kata.track / kata.name / f"{kata.name}.py"

    def is_untouched(self, kata: Kata) -> bool:
        """Tell whether a learner has not yet changed the file of a kata."""
        if self.is_clone or not kata.stub.is_file():
            return self.is_clone and not self.progress().get(kata.name, Entry()).runs
        content = kata.stub.read_bytes()
        original = self.original(kata)
        path = kata.stub.relative_to(self.root).as_posix()
        return self.written().get(path) == bundle.digest(content) or (
            original.is_file() and original.read_bytes() == content
        )

    def state(self, kata: Kata, entry: Entry) -> State:
        """Return where a kata stands: an untouched file is not begun, whatever its tests say."""
        if self.is_untouched(kata):
            return State.NOT_BEGUN
        return State.BEGUN if entry.state is State.NOT_BEGUN else entry.state


def free_name(file: Path) -> Path:
    """Return a name beside a file that is not taken: no `.py` at its end, so that nobody imports it."""
    number = 1
    while (aside := file.with_name(f"{file.name}.{number}")).exists():
        number += 1
    return aside


def replace_text(file: Path, text: str) -> None:
    """Write a file so that nobody ever reads half of it."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(file)) from None  # nobody knows the other file


def of(root: Path) -> Folder:
    """Return a folder with the katas that it was made from: this installation's, unless `init` was told otherwise."""
    source = root / ".katas" / SOURCE
    return Folder(root, bundle.at(Path(source.read_text(encoding="utf-8"))) if source.is_file() else bundle.find())


def find(start: Path) -> Folder:
    """Return the folder of katas that a path lies in.

    Raises:
        ValueError: there is none.
    """
    for place in (start.resolve(), *start.resolve().parents):
        if (place / "katas" / "katas.toml").is_file():
            return of(place)
    raise Refused("no katas lie here or above; `katas init my-katas` makes a folder with them")
