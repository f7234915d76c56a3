"""`katas mistakes`: known wrong solutions, and which test will tell each."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_concurrency._dojo import quiz, running
from pytest_concurrency._dojo.progress import Entry
from pytest_concurrency._katas import mistakes as known
from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._dojo.desk import Desk
    from pytest_concurrency._dojo.events import Run
    from pytest_concurrency._katas.index import Kata
    from pytest_concurrency._katas.mistakes import Mistake


def mistakes(at: Desk, name: str, *, anyway: bool, ask: Callable[[], str] | None = None) -> int:
    """Ask about one mistake after the other, until the learner has enough or none is left."""
    kata = at.folder.kata(name)
    entry = at.folder.progress().get(kata.name, Entry())
    if not anyway and not entry.green:
        this = {"kata": kata.name}
        raise Refused("{kata} must be green first; `katas mistakes {kata} --anyway` asks all the same", this)
    tests = quiz.choices(kata)
    questions = quiz.open_questions(known.read(at.folder.curriculum, kata), entry.mistakes)
    for number, question in enumerate(questions, 1):
        at.screen.line(
            at.words("Mistake {number} of {all}: {does}", number=number, all=len(questions), does=question.does), "bold"
        )
        test = _answer(at, tests, ask or _input)
        if test is None:
            break
        _judge(at, kata, question, test)
    right, guessed = quiz.score(at.folder.progress().get(kata.name, Entry()).mistakes)
    at.screen.line(at.words("{right} of {guessed} told", right=right, guessed=guessed), "bold")
    return 0


def _input() -> str:
    line = sys.stdin.readline()
    return line.strip() if line else "q"


def _answer(at: Desk, tests: list[str], ask: Callable[[], str]) -> str | None:
    """Ask until one of the tests is chosen; `None` when the learner has enough."""
    at.screen.rows([(f"{number:>3}", test) for number, test in enumerate(tests, 1)])
    while True:
        at.screen.output.write(at.words("Which test will tell it? (number, or q) "))
        at.screen.output.flush()
        answer = ask()
        if answer == "q":
            at.screen.line()
            return None
        if test := quiz.chosen(answer, tests):
            return test
        at.screen.line(
            at.words("that must be a number from 1 to {most}, or q, got {answer}", most=len(tests), answer=repr(answer))
        )


def _judge(at: Desk, kata: Kata, question: Mistake, test: str) -> None:
    """Run the mistake, and say who told it."""
    result = running.finished(at.folder, kata, options=["--solution", question.name], words=at.words)
    failing = telling_tests(result)
    is_right = test in failing or test == question.test
    answer = "right" if is_right else "wrong"
    at.folder.update(kata.name, lambda entry: replace(entry, mistakes={**entry.mistakes, question.name: answer}))
    at.screen.line(at.words("Right." if is_right else "No."), "green" if is_right else "red")
    for name, line in failing.items():
        at.screen.line(f"  {name}: {line}")
    at.screen.line(f"  {question.why}")
    at.screen.line()


def telling_tests(result: Run) -> dict[str, str]:
    """Map each test that failed, without its parameters, to what it said first."""
    found: dict[str, str] = {}
    for each in result.results:
        if each.outcome in ("failed", "hung", "error"):
            found.setdefault(each.test.partition("[")[0], each.line)
    return found
