"""What `katas watch` shows: pure, from the state of the watch to lines with styles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_concurrency._dojo import screen, translations
from pytest_concurrency._dojo.commands import trying

if TYPE_CHECKING:
    from pytest_concurrency._dojo.desk import Desk
    from pytest_concurrency._dojo.events import Run
    from pytest_concurrency._katas.index import Kata

NARROWEST = 20  # columns
QUIET = 2.0  # seconds of silence after which the screen speaks of them


@dataclass(frozen=True, slots=True)
class View:
    """One moment of the watch.

    Attributes:
        kata: the kata that is watched.
        run: its last run, or the one that goes on; `None` before the first.
        silence: for how many whole seconds the run has told nothing.
        extra: lines that a key asked for.
        place: where the run is that has told nothing for long.
    """

    kata: Kata
    run: Run | None = None
    silence: int = 0
    extra: tuple[str, ...] = ()
    place: str = ""


def lines(at: Desk, view: View, height: int, width: int = screen.WIDTH) -> list[tuple[str, str]]:
    """Return the lines of the screen, the failure first; what does not fit is cut out of the middle."""
    words, width = at.words, max(width, NARROWEST)
    body: list[tuple[str, str]] = [(line, "cyan") for text in view.extra for line in text.splitlines()]
    body += [("", "")] if body else []
    if view.run and view.run.done:
        body += trying.report(at, view.kata, view.run)
    elif view.run:
        worst = view.run.worst
        body += trying.failure(at, view.run) if worst and worst.outcome == "hung" else []  # the rest may take minutes
        body.append((_running(at, view), "cyan"))
    else:
        body.append((f"{view.kata.path}: {translations.title(view.kata, words.language)}", "bold"))
    foot = [
        (words("waiting for a change of {path}", path=at.shown(view.kata)), "dim"),
        (words("h hint   n next   r run   l list   q quit"), "bold"),
    ]
    body, foot = (
        [(line, style) for text, style in part for line in folded(text, style, width - 1)] for part in (body, foot)
    )
    return [*fitted(body, height - len(foot) - 2), ("", ""), *foot]  # the cursor stands in the last line


def _running(at: Desk, view: View) -> str:
    words = at.words
    if view.run and view.silence >= QUIET:
        test = view.run.test or words("the import or the collection")
        line = words(
            "{kata} runs: {test}, {seconds} s without news", kata=view.kata.name, test=test, seconds=view.silence
        )
        return line + (words(": it was at {where}", where=view.place) if view.place else "")
    return words("{kata} runs", kata=view.kata.name)


def folded(text: str, style: str, width: int) -> list[str]:
    """Break a line that is too long; source is cut, as it is hard to read when broken, but no command to be copied."""
    is_source = style == "dim" and not text.lstrip().startswith("pytest ")
    return [screen.cut(text, width)] if is_source else screen.wrapped(text, width)


def fitted(body: list[tuple[str, str]], height: int) -> list[tuple[str, str]]:
    """Keep the beginning, where the failure is, and the end, where the tasks are."""
    if len(body) <= height or height < 4:
        return body[: max(height, 0)]
    tail = body[-(height // 2) :]
    while tail and tail[0][1] == "dim":  # no more of the long text than must be
        tail = tail[1:]
    head = body[: height - len(tail) - 1]
    return [*head, ("  …", "dim"), *tail]
