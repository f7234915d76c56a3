"""Where a learner is, what there is, and where to go next."""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import TYPE_CHECKING

from pytest_concurrency._dojo import course, desk, screen, translations
from pytest_concurrency._dojo.progress import Entry
from pytest_concurrency._dojo.states import State
from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_concurrency._dojo.desk import Desk
    from pytest_concurrency._dojo.progress import Progress
    from pytest_concurrency._katas.index import Kata, Track

ALL_DONE = "All are done. `katas mistakes KATA` shows what others got wrong."
MOST_TRACKS = 4  # of those that were begun, the last: ten lines in all


def status(at: Desk) -> int:
    """Say in ten lines where the learner is and what to do next."""
    progress = at.folder.progress()
    states = at.states(progress)
    green = sum(state is State.GREEN for state in states.values())
    at.screen.line(at.words("{green} of {all} katas are green", green=green, all=len(states)), "bold")
    _tracks(at, states)
    kata = at.suggested(progress, states)
    if kata is None:
        at.screen.line(at.words(ALL_DONE))
        return 0
    _now(at, kata, states[kata.name], progress.get(kata.name, Entry()))
    return 0


def _tracks(at: Desk, states: dict[str, State]) -> None:
    rows = []
    for track in at.folder.curriculum.tracks:
        done = sum(states[name] is State.GREEN for name in track.katas)
        rows.append((track.name, screen.bar(done, len(track.katas)), f"{done}/{len(track.katas)}"))
    shown = rows if len(rows) <= MOST_TRACKS else [row for row in rows if not row[2].startswith("0/")] or rows[:1]
    shown = shown[-MOST_TRACKS:]
    at.screen.rows(shown)


def _now(at: Desk, kata: Kata, state: State, entry: Entry) -> None:
    words, title = at.words, translations.title(kata, at.words.language)
    mark = at.screen.mark(state)
    at.screen.line(f"{mark} {kata.path}: {title} ({words(state)})", screen.STYLES[state])
    if entry.task and (name := translations.tasks(kata, words.language).get(entry.task)):
        at.screen.line("  " + words("task {task}: {name}", task=entry.task, name=name))
    at.screen.line("  " + words("read {path}", path=readme(at, kata)))
    at.screen.line("  " + words("write {path}", path=at.shown(kata)))
    at.screen.line("  " + words("`katas watch` runs its tests whenever you save it"))


def readme(at: Desk, kata: Kata) -> str:
    """Write the path of a kata's README in the learner's language."""
    file = kata.folder / "README.md"
    translated = translations.beside(file, at.words.language)
    return (translated if translated.is_file() else file).relative_to(at.folder.root).as_posix()


def show_all(at: Desk, chosen: str | None) -> int:
    """List the tracks and their katas, with state, minutes, difficulty and what comes before."""
    tracks = at.folder.curriculum.tracks
    if chosen and chosen not in [track.name for track in tracks]:
        names = ", ".join(track.name for track in tracks)
        raise Refused("TRACK must be one of {names}, got {got!r}", {"names": names, "got": chosen})
    progress = at.folder.progress()
    states = at.states(progress)
    for track in tracks:
        if chosen in (None, track.name):
            _track(at, track, states)
    return 0


def _track(at: Desk, track: Track, states: dict[str, State]) -> None:
    readme_file = at.folder.katas / track.name / "README.md"
    heading = translations.heading(readme_file, at.words.language, track.title)
    at.screen.line(f"{track.name} — {heading}", "bold")
    katas = [at.folder.curriculum.kata(name) for name in track.katas]
    rows, styles = [], []
    for kata in katas:
        state = states[kata.name]
        styles.append(screen.STYLES[state])
        before = ", ".join(course.unmet(kata, states))
        rows.append(
            (
                f"{at.screen.mark(state)} {kata.name}",
                at.words(state),
                at.words("{minutes:>3} min", minutes=kata.minutes),
                f"{screen.difficulty(kata.difficulty):<5}",
                at.words("after {names}", names=before) if before else "",
            )
        )
    at.screen.rows(fitting(rows, screen.WIDTH), styles)
    if extras := desk.missing(katas):
        at.screen.line(needs(at, track.name, extras))
    at.screen.line()


def fitting(rows: Sequence[Sequence[str]], width: int) -> list[Sequence[str]]:
    """Cut the last column, so that all of them fit side by side."""
    before = sum(max(screen.cells(row[column]) for row in rows) + 2 for column in range(len(rows[0]) - 1))
    return [(*row[:-1], shortened(row[-1], width - before)) for row in rows]


def shortened(text: str, width: int) -> str:
    """Cut a text that does not fit its column."""
    return text if screen.cells(text) <= width else screen.wrapped(text, width - 1)[0].rstrip(",") + "…"


def needs(at: Desk, what: str, extras: tuple[str, ...]) -> str:
    """Return the line that names what is not installed, and the command that brings it."""
    return at.words(desk.NEEDS, **needed(what, extras))


def needed(what: str, extras: tuple[str, ...]) -> dict[str, str]:
    """Return what `desk.NEEDS` speaks of."""
    return {"what": what, "extras": ", ".join(extras), "command": desk.BRING.format(extra="katas")}


def show_next(at: Desk) -> int:
    """Name the kata that comes after the one at hand."""
    progress = at.folder.progress()
    states = at.states(progress)
    kata = at.suggested(progress, states)
    if kata and states[kata.name] in course.UNDER_WAY:
        at.screen.line(at.words("{kata} is not green yet", kata=kata.path))
        kata = course.following(at.katas, states, kata.name)
    if kata is None:
        at.screen.line(at.words(ALL_DONE))
        return 0
    _now(at, kata, states[kata.name], progress.get(kata.name, Entry()))
    about = at.words(
        "{minutes} minutes, difficulty {level} of 5: {technique}",
        minutes=kata.minutes,
        level=kata.difficulty,
        technique=kata.technique,
    )
    for line in screen.wrapped(about, screen.WIDTH - 2):
        at.screen.line(f"  {line}")
    return 0


def show_path(at: Desk, name: str | None, *, editor: bool) -> int:
    """Print the path of a kata's file, or open it in $EDITOR."""
    kata = at.at_hand(name)
    if not editor:
        at.screen.line(str(kata.stub))
        return 0
    command = os.environ.get("EDITOR", "")
    if not command:
        raise Refused("EDITOR must be set to open a file, got {got!r}: {path}", {"got": command, "path": kata.stub})
    try:
        return subprocess.run([*shlex.split(command), str(kata.stub)], check=False).returncode
    except (OSError, ValueError):
        raise Refused("EDITOR must be a command that can be started, got {got!r}", {"got": command}) from None


def show_progress(at: Desk) -> int:
    """Sum up what was done: by track, in runs, hints and guesses."""
    progress = at.folder.progress()
    states = at.states(progress)
    rows = [(at.words("track"), *(at.words(state) for state in State))]
    for track in at.folder.curriculum.tracks:
        found = [states[name] for name in track.katas]
        rows.append((track.name, *(str(found.count(state) or "-") for state in State)))
    at.screen.rows(rows)
    at.screen.line(_sums(at, progress))
    return 0


def _sums(at: Desk, progress: Progress) -> str:
    answers = [answer for entry in progress.values() for answer in entry.mistakes.values()]
    return at.words(
        "{runs} runs, {hints} hints read, {right} of {guessed} mistakes told",
        runs=sum(sum(entry.runs.values()) for entry in progress.values()),
        hints=sum(sum(entry.hints.values()) for entry in progress.values()),
        right=answers.count("right"),
        guessed=len(answers),
    )
