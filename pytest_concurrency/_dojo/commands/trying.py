"""`katas run`: the tests of one kata, with what failed first; and `katas reset`."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from pytest_concurrency._dojo import desk, folder, running, screen, translations
from pytest_concurrency._dojo.commands import finding
from pytest_concurrency._dojo.states import State
from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    from pytest_concurrency._dojo.desk import Desk
    from pytest_concurrency._dojo.events import Run
    from pytest_concurrency._katas.index import Kata

MOST_LINES = 60


def run(at: Desk, name: str | None, patience: float) -> int:
    """Run the tests of a kata; 0 when it is green."""
    kata = at.at_hand(name)
    desk.refuse_if_gone(at.folder, kata)
    if extras := desk.missing([kata]):
        raise Refused(desk.NEEDS, finding.needed(kata.name, extras))
    with running.ended_with_the_terminal():
        result = running.finished(at.folder, kata, patience, words=at.words)
    for text, style in report(at, kata, result):  # first: it may be that nothing can be written down here
        at.screen.line(text, style)
    at.folder.record(result)
    return 0 if result.state is State.GREEN else 1


def report(at: Desk, kata: Kata, result: Run) -> list[tuple[str, str]]:
    """Return what a run came to as lines with styles: what failed first, the tasks below it."""
    return [*failure(at, result), *tasks(at, kata, result), *advice(at, kata, result)]


def failure(at: Desk, result: Run) -> list[tuple[str, str]]:
    """Return the failure to look at first; nothing when there is none."""
    worst = result.worst
    if result.trouble and (worst is None or worst.outcome == "not started"):
        return [(result.trouble, "bold yellow"), ("", "")]
    if worst is None or worst.outcome == "not started":
        return []
    lines = worst.text.rstrip().splitlines()
    more = at.words("… {count} lines more: pytest {kata}", count=len(lines) - MOST_LINES, kata=result.kata)
    shown = lines[:MOST_LINES] + ([more] if len(lines) > MOST_LINES else [])
    style = screen.STYLES[State.HUNG if worst.outcome == "hung" else State.RED]
    head = [(worst.line, f"bold {style}"), (f"  {worst.test}", "")]
    return [
        *head,
        *((f"  {line}".rstrip(), "dim") for line in shown if not line.strip().endswith(worst.line)),
        ("", ""),
    ]


def tasks(at: Desk, kata: Kata, result: Run) -> list[tuple[str, str]]:
    """Return a line for each task with its state."""
    states, names = result.tasks, translations.tasks(kata, at.words.language)
    found = []
    for task, name in names.items():
        state = states.get(task, State.NOT_BEGUN)
        found.append((f"{at.screen.mark(state)} {task}. {name}", screen.STYLES[state]))
    return found


def advice(at: Desk, kata: Kata, result: Run) -> list[tuple[str, str]]:
    """Return what to do now, in one or two lines."""
    words, state = at.words, result.state
    failed = sum(each.outcome in ("failed", "hung", "error") for each in result.results)
    values = {"kata": kata.name, "state": words(state), "seconds": f"{result.seconds:.1f}"}
    if result.results:
        line = words(
            "{kata}: {state}, {failed} of {all} tests fail, {seconds} s",
            failed=failed,
            all=len(result.results),
            **values,
        )
    else:
        line = words("{kata}: {state}, no test came to its end, {seconds} s", **values)
    found = [(line, f"bold {screen.STYLES[state]}")]
    if state is State.GREEN:
        found.append((words("Compare: `katas solution {kata}`. Go on: `katas next`.", kata=kata.name), ""))
        found.append((words("Guess what others got wrong: `katas mistakes {kata}`.", kata=kata.name), ""))
    elif state in (State.NOT_BEGUN, State.BEGUN):
        found.append((words("write {path}", path=at.shown(kata)), ""))
    return found


def reset(at: Desk, name: str) -> int:
    """Put the file of a kata back as it came; the learner's stays beside it."""
    kata = at.folder.kata(name)
    if at.folder.is_clone:
        raise Refused("here the katas are the project's own: git restore {path}", {"path": at.shown(kata)})
    original = at.folder.original(kata)
    if kata.stub.is_file() and kata.stub.read_bytes() != original.read_bytes():
        aside = folder.free_name(kata.stub)
        kata.stub.replace(aside)
        at.screen.line(at.words("your file is now {path}", path=aside.relative_to(at.folder.root).as_posix()))
    shutil.copyfile(original, kata.stub)
    at.screen.line(at.words("{path} is as it was at first", path=at.shown(kata)))
    return 0
