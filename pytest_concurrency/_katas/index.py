"""The curriculum as values: katas.toml, and each kata.toml."""

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

    @property
    def approaches(self) -> tuple[Path, ...]:
        """List the other right solutions, by name."""
        return tuple(sorted((self.worked / "approaches").glob("*.py")))

    @property
    def mistakes(self) -> Path:
        """Locate what is known of wrong solutions."""
        return self.worked / "mistakes.toml"

    def base(self, name: str) -> Path:
        """Locate a right solution by the name that a mistake gives it, `reference` or `approaches/NAME`."""
        return self.reference if name == "reference" else self.worked / f"{name}.py"


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


def read_tasks(kata: Kata) -> dict[int, str]:
    """Map each task's number to its bold title in the README; empty when there is no such list."""
    readme = kata.folder / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    section = re.search(r"^## Tasks\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    items = re.findall(r"^(\d+)\. \*\*(.+?)\*\*", section[1] if section else "", re.MULTILINE)
    return {int(number): title.rstrip(".") for number, title in items}
