"""`katas hint` and `katas solution`: help in small steps, and what others wrote."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_concurrency._dojo import hints, translations
from pytest_concurrency._dojo.progress import Entry
from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    from pytest_concurrency._dojo.desk import Desk
    from pytest_concurrency._katas.index import Kata


def hint(at: Desk, name: str | None, task: int | None, *, everything: bool = False) -> int:
    """Show one step more of a task's hints, and remember how many were read."""
    kata = at.at_hand(name)
    for text in next_hint(at, kata, task, everything=everything):
        at.screen.text(text, "markdown")
    return 0


def next_hint(at: Desk, kata: Kata, task: int | None, *, everything: bool = False) -> list[str]:
    """Return the steps to show now, as Markdown; the task is the one at hand unless it is named.

    Raises:
        ValueError: the kata has no such task.
    """
    found = hints.read(translations.text(kata.folder / "hints.md", at.words.language))
    entry = at.folder.progress().get(kata.name, Entry())
    task = task or entry.task or min(found)
    if task not in found:
        raise Refused("--task must be one of {names}, got {got}", {"names": ", ".join(map(str, found)), "got": task})
    steps, read = found[task], entry.hints.get(str(task), 0)
    title = translations.tasks(kata, at.words.language).get(task, "")
    head = f"**{kata.name}, " + at.words("task {task}: {name}", task=task, name=title) + "**"
    if read >= len(steps) and not everything:
        return [
            head,
            at.words("You have read all {count} hints; `katas hint --all` shows them again.", count=len(steps)),
        ]
    shown = steps if everything else steps[read : read + 1]
    count = len(steps) if everything else read + 1
    at.folder.update(kata.name, lambda entry: replace(entry, hints={**entry.hints, str(task): count}))
    return [head, *(f"*{each.title}*\n\n{each.text}" for each in shown)]


def solution(at: Desk, name: str, approach: str | None, *, anyway: bool) -> int:
    """Print the worked solution, or one of the other right ones, once the kata is green."""
    kata = at.folder.kata(name)
    if not anyway and not at.folder.progress().get(kata.name, Entry()).green:
        this = {"kata": kata.name}
        raise Refused("{kata} must be green first; `katas solution {kata} --anyway` shows it all the same", this)
    approaches = {file.stem: file for file in kata.approaches}
    if approach and approach not in approaches:
        known = {"names": ", ".join(approaches), "got": approach}
        raise Refused("--approach must be one of {names}, got {got!r}", known)
    file = approaches[approach] if approach else kata.reference
    at.screen.text(file.read_text(encoding="utf-8"), "python")
    if not approach:
        at.screen.line(at.words("Other right ways, with --approach: {names}", names=", ".join(approaches)))
    return 0
