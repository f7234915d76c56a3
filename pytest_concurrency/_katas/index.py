"""The curriculum as values: katas.toml, each kata.toml, each expected.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_concurrency._katas import toml_rules
from pytest_concurrency._katas.toml_rules import (
    NAME,
    TEXT,
    Rule,
    is_list_of,
    is_name,
    is_number,
    is_text,
)

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("write", "fix", "break")
SEEDS = ("A", "B", "C", "D", "E")
EXTRAS = ("gevent", "aiohttp", "aiofiles", "hypothesis")

TRACK_RULES = {
    "name": NAME,
    "title": TEXT,
    "katas": Rule("be a list of different names of modules", is_list_of(is_name)),
}
KATA_RULES = {
    "title": TEXT,
    "technique": TEXT,
    "seed": Rule(f"be a list out of {', '.join(SEEDS)}", is_list_of(SEEDS.__contains__)),
    "difficulty": Rule("be an integer from 1 to 5", lambda value: is_number(value) and 1 <= value <= 5),
    "minutes": Rule("be a positive integer", lambda value: is_number(value) and value > 0),
    "kind": Rule(f"be one of {', '.join(KINDS)}", KINDS.__contains__),
    "requires": Rule("be a list of names of katas", is_list_of(is_name)),
    "extras": Rule(f"be a list out of {', '.join(EXTRAS)}", is_list_of(EXTRAS.__contains__)),
    "files": Rule("be a list of file names", is_list_of(is_text), optional=True),
}
EXPECTED_RULES = {
    "test": Rule("be the name of a test function", lambda value: is_name(value) and value.startswith("test_")),
    "message": Rule("be a non-empty list of non-empty strings", is_list_of(is_text, empty=False)),
    "why": TEXT,
}


@dataclass(frozen=True, slots=True)
class Track:
    """One folder of katas, in the order of learning."""

    name: str
    title: str
    katas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kata:
    """One exercise: what its kata.toml says, and where its files lie."""

    name: str
    track: str
    folder: Path
    worked: Path
    title: str
    technique: str
    seed: tuple[str, ...]
    difficulty: int
    minutes: int
    kind: str
    requires: tuple[str, ...]
    extras: tuple[str, ...]
    files: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Name the kata in the whole curriculum."""
        return f"{self.track}/{self.name}"

    @property
    def stub(self) -> Path:
        """Locate the file that a learner edits."""
        return self.folder / f"{self.name}.py"

    @property
    def tests(self) -> Path:
        """Locate the file of tests."""
        return self.folder / f"test_{self.name}.py"

    @property
    def reference(self) -> Path:
        """Locate the worked solution."""
        return self.worked / f"{self.name}.py"

    def others(self, group: str) -> tuple[Path, ...]:
        """List the solutions of a group, `approaches` or `wrong`, by name."""
        return tuple(sorted((self.worked / group).glob("*.py")))


@dataclass(frozen=True, slots=True)
class Expectation:
    """Which test kills a wrong solution, with which words, and what is wrong with it."""

    solution: str
    test: str
    message: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Curriculum:
    """All tracks, and the two folders that hold the katas and their worked solutions."""

    katas: Path
    reference: Path
    tracks: tuple[Track, ...]

    @property
    def places(self) -> dict[str, str]:
        """Map each kata to its track, in the order of learning."""
        return {kata: track.name for track in self.tracks for kata in track.katas}

    def kata(self, name: str) -> Kata:
        """Read the kata.toml of a kata that is listed.

        Raises:
            ValueError: the file breaks a rule.
        """
        return _kata(self, self.places[name], name)

    def under(self, path: Path) -> tuple[str, ...]:
        """Name the katas that a path holds, or that hold the path."""
        found = []
        for name, track in self.places.items():
            folder = self.katas / track / name
            if folder.is_relative_to(path) or path.is_relative_to(folder):
                found.append(name)
        return tuple(found)

    def shown(self, path: Path) -> str:
        """Write a path the way a person at the root of the project would type it."""
        root = self.katas.parent
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def read_curriculum(katas: Path, reference: Path | None = None) -> Curriculum:
    """Read katas.toml; no kata.toml is opened.

    Args:
        katas: the folder that holds katas.toml.
        reference: the folder of worked solutions, `reference` beside `katas` unless given.

    Raises:
        ValueError: katas.toml breaks a rule, or lists a kata twice.
    """
    katas = katas.resolve()
    source = f"{katas.name}/katas.toml"
    values = toml_rules.read(katas / "katas.toml", source)
    toml_rules.check(
        source,
        values,
        {"track": Rule("be a list of tables", is_list_of(lambda item: isinstance(item, dict)))},
    )
    tracks = []
    for table in values["track"]:
        toml_rules.check(source, table, TRACK_RULES, "track.")
        tracks.append(Track(table["name"], table["title"], tuple(table["katas"])))
    _refuse_doubles(source, tracks)
    return Curriculum(katas, (reference or katas.parent / "reference").resolve(), tuple(tracks))


def _refuse_doubles(source: str, tracks: list[Track]) -> None:
    names = [track.name for track in tracks]
    katas = [kata for track in tracks for kata in track.katas]
    for what, found in (("track.name", names), ("track.katas", katas)):
        for name in found:
            if found.count(name) > 1:
                raise toml_rules.must(source, what, "differ from every other", name)


def _kata(curriculum: Curriculum, track: str, name: str) -> Kata:
    folder = curriculum.katas / track / name
    source = curriculum.shown(folder / "kata.toml")
    values = toml_rules.read(folder / "kata.toml", source)
    toml_rules.check(source, values, KATA_RULES)
    earlier = list(curriculum.places)
    for other in values["requires"]:
        if other not in earlier[: earlier.index(name)]:
            raise toml_rules.must(source, "requires", "name katas that stand earlier in katas.toml", other)
    frozen: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return Kata(name, track, folder, curriculum.reference / track / name, **frozen)


def read_expected(curriculum: Curriculum, kata: Kata) -> tuple[Expectation, ...]:
    """Read what must happen to each wrong solution.

    Raises:
        ValueError: expected.toml breaks a rule, or does not list exactly the files beside it.
    """
    file = kata.worked / "wrong" / "expected.toml"
    source = curriculum.shown(file)
    values = toml_rules.read(file, source)
    files = [path.stem for path in kata.others("wrong")]
    for name in files:
        if name not in values:
            raise toml_rules.must(source, "table", "stand here for every file beside it", name)
    for name, table in values.items():
        if name not in files or not isinstance(table, dict):
            raise toml_rules.must(source, "table", "be named like a .py file beside it", name)
        toml_rules.check(source, table, EXPECTED_RULES, f"{name}.")
    return tuple(
        Expectation(name, table["test"], tuple(table["message"]), table["why"]) for name, table in values.items()
    )


def read_tasks(kata: Kata) -> dict[int, str]:
    """Map each task's number to its bold title in the README; empty when there is no such list."""
    readme = kata.folder / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    section = re.search(r"^## Tasks\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    items = re.findall(r"^(\d+)\. \*\*(.+?)\*\*", section[1] if section else "", re.MULTILINE)
    return {int(number): title.rstrip(".") for number, title in items}
