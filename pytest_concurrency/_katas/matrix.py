"""The kill matrix: whether the tests of each kata tell right solutions from wrong ones."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_concurrency._katas import check, index, mistakes, sources, trials
from pytest_concurrency._katas.holes import judge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_concurrency._katas.index import Curriculum, Kata
    from pytest_concurrency._katas.trials import Trial

BLOCK = re.compile(r"(<!-- kill matrix.*?-->\n).*?(<!-- end of kill matrix -->)", re.DOTALL)
HEAD = "| kata | stub | reference | approaches that pass | wrong solutions that are told |"


@dataclass(frozen=True, slots=True)
class Row:
    """What the matrix says of one kata.

    Attributes:
        kata: Whose row it is.
        complaints: What is wrong with its files; nothing is tried as long as there are any.
        trials: Each trial with the reason why it is a hole, empty when it is none.
    """

    kata: Kata
    complaints: tuple[str, ...]
    trials: tuple[tuple[Trial, str], ...]

    @property
    def holes(self) -> tuple[str, ...]:
        """Say in one line each what is wrong."""
        found = ((f"{trial.group} {trial.solution}", hole) for trial, hole in self.trials if hole)
        return (*self.complaints, *(f"{self.kata.path} {who}: {hole}" for who, hole in found))

    def score(self, group: str) -> tuple[int, int]:
        """Count the trials of a group: as they should be, and all."""
        found = [hole for trial, hole in self.trials if trial.group == group]
        return found.count(""), len(found)


def try_kata(curriculum: Curriculum, name: str, *, jobs: int = 1, named: bool = False) -> Row:
    """Check the files of a kata, and try all its solutions.

    Args:
        curriculum: Where the kata is.
        name: The kata.
        jobs: So many trials at once.
        named: Whether a wrong solution meets only the test that is to tell it, in half the time.

    Raises:
        ValueError: kata.toml breaks a rule.
    """
    kata = curriculum.kata(name)
    try:
        known = mistakes.read(curriculum, kata)
        complaints = check.complaints(curriculum, kata, known)
    except ValueError as error:
        return Row(kata, (str(error),), ())
    if complaints:
        return Row(kata, tuple(complaints), ())
    wrong = [source for mistake in known for source in sources.of(curriculum, kata, mistake)]
    wanted = {source.name: source.mistake for source in wrong}

    def tried(group: str, file: Path) -> tuple[Trial, str]:
        mistake = wanted[file.stem] if group == "wrong" else None
        trial = trials.run(kata, group, file, only=mistake.test if mistake and named else "", shared=shared)
        return trial, judge(kata.kind, trial, mistake)

    scratch = tempfile.TemporaryDirectory(prefix="mistakes-")
    with scratch as folder, trials.servers(kata) as shared, ThreadPoolExecutor(jobs) as pool:
        planned = trials.plan(kata, [source.write(Path(folder)) for source in wrong])
        return Row(kata, (), tuple(pool.map(lambda each: tried(*each), planned)))


def table(rows: Sequence[Row]) -> str:
    """Write the rows as a Markdown table."""
    lines = [HEAD, "|---|---|---|---|---|"]
    lines += [f"| `{row.kata.name}` | {' | '.join(_cells(row))} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cells(row: Row) -> Iterator[str]:
    good = {"stub": "fails" if row.kata.kind == "fix" else "not started", "reference": "passes"}
    for group, word in good.items():
        yield word if row.score(group) == (1, 1) else "**hole**"
    for group in ("approaches", "wrong"):
        yield "{} of {}".format(*row.score(group))


def totals(rows: Sequence[Row]) -> str:
    """Write the sums of all rows in one line."""
    sums = {group: sum(row.score(group)[1] for row in rows) for group in ("approaches", "wrong")}
    holes = sum(len(row.holes) for row in rows)
    made = [trial for row in rows for trial, _ in row.trials]
    line = f"katas: {len(rows)}, approaches: {sums['approaches']}, "
    line += f"wrong solutions: {sums['wrong']}, holes: {holes}"
    slowest = max(made, key=lambda trial: trial.seconds, default=None)
    return line + (f", slowest: {slowest.solution} {slowest.seconds:.1f} s" if slowest else "")


def chosen(curriculum: Curriculum, words: Sequence[str]) -> list[str]:
    """Turn tracks, katas and their folders into names of katas; no words mean all.

    Raises:
        ValueError: A word names neither.
    """
    names: list[str] = []
    for word in words:
        end = word.rstrip("/").rpartition("/")[2]
        found = [kata for kata, track in curriculum.places.items() if end in (kata, track)]
        if not found:
            tracks = ", ".join(track.name for track in curriculum.tracks)
            raise ValueError(f"what to try must be a track ({tracks}) or a kata, got {word!r}")
        names += [name for name in found if name not in names]
    return names if words else list(curriculum.places)


def write_block(readme: Path, text: str) -> None:
    """Put a table between the two comments of a README that mark its place.

    Raises:
        ValueError: The comments are missing.
    """
    page = readme.read_text(encoding="utf-8")
    if not BLOCK.search(page):
        name = f"{readme.parent.name}/{readme.name}"
        raise ValueError(f"{name} must hold '<!-- kill matrix … -->' and its end, got neither")
    readme.write_text(BLOCK.sub(lambda found: found[1] + text + found[2], page), encoding="utf-8")


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    module = "python -m pytest_concurrency._katas.matrix"
    parser = argparse.ArgumentParser(prog=module, description=__doc__)
    parser.add_argument("katas", type=Path, help="the folder that holds katas.toml")
    parser.add_argument("reference", type=Path, help="the folder of worked solutions")
    parser.add_argument("only", nargs="*", help="tracks or katas; all unless given")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="processes at once (1)")
    parser.add_argument("--named", action="store_true", help="only the test that is to tell a wrong solution")
    parser.add_argument("--write", action="store_true", help="put the tables into the READMEs")
    return parser.parse_args(arguments)


def _try_all(given: argparse.Namespace) -> tuple[list[Row], list[str]]:
    """Try what was asked for, and print a table for each track; return rows and holes."""
    curriculum = index.read_curriculum(given.katas, given.reference)
    names = chosen(curriculum, given.only)
    holes = [] if given.only else check.unlisted_katas(curriculum)
    rows: list[Row] = []
    for track in curriculum.tracks:
        wanted = [name for name in track.katas if name in names]
        found = [try_kata(curriculum, name, jobs=given.jobs, named=given.named) for name in wanted]
        rows += found
        if found:
            sys.stdout.write(f"{track.title}\n\n{table(found)}\n")
            sys.stdout.flush()
        if given.write and len(found) == len(track.katas):
            write_block(curriculum.katas / track.name / "README.md", table(found))
    return rows, holes + [hole for row in rows for hole in row.holes]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the matrix, its holes and its sums; return 1 when there is a hole, 2 for bad input."""
    try:
        rows, holes = _try_all(_arguments(arguments))
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"hole: {hole}\n" for hole in holes) + totals(rows) + "\n")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
