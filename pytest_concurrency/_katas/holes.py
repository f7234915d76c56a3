"""Whether a trial went as it should: pure, from outcomes to the line that names a hole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_concurrency._katas.mistakes import Mistake
    from pytest_concurrency._katas.trials import Outcome, Trial

BROKEN_IMPORT = re.compile(r"\b(ImportError|ModuleNotFoundError)\b")


def judge(kind: str, trial: Trial, wanted: Mistake | None = None) -> str:
    """Return in one line why a trial is a hole in the matrix; an empty string when it is none.

    Args:
        kind: The kata's kind: the stub of a `fix` kata runs, every other is not implemented.
        trial: What became of the tests.
        wanted: The mistake that a wrong solution makes; nothing for every other.
    """
    if trial.trouble:
        return trial.trouble
    if not trial.outcomes:
        return "must run at least one test, got none"
    for each in trial.outcomes:
        if each.state == "error":
            return f"{each.test} must be able to run, got: {short(each.message)}"
    if wanted:
        return _wrong(trial.outcomes, wanted)
    if trial.group != "stub":
        return _right(trial.outcomes)
    return _broken(trial.outcomes) if kind == "fix" else _unwritten(trial.outcomes)


def short(message: str, width: int = 300) -> str:
    """Cut a message that is too long for one line."""
    return message if len(message) <= width else message[: width - 1] + "…"


def _right(outcomes: Sequence[Outcome]) -> str:
    for each in outcomes:
        if each.state not in ("passed", "skipped"):
            return f"{each.test} must pass, got {each.state}: {short(each.message)}"
    if all(each.state == "skipped" for each in outcomes):
        return f"must pass at least one test, got all skipped: {short(outcomes[0].message)}"
    return ""


def _unwritten(outcomes: Sequence[Outcome]) -> str:
    for each in outcomes:
        if each.state != "not started":
            got = f"{each.state}: {short(each.message)}".rstrip(": ")
            return f"{each.test} must meet NotImplementedError, got {got}"
    return ""


def _broken(outcomes: Sequence[Outcome]) -> str:
    failed = [each for each in outcomes if each.state == "failed"]
    return _broken_import(failed) if failed else "must fail a test before the repair, got none"


def _wrong(outcomes: Sequence[Outcome], wanted: Mistake) -> str:
    named = [each for each in outcomes if each.test == wanted.test]
    failed = [each for each in named if each.state == "failed"]
    if not failed:
        others = sorted({each.test for each in outcomes if each.state == "failed"})
        got = named[0].state if named else "no such test"
        return f"{wanted.test} must fail, got {got}; failed: {', '.join(others) or 'none'}"
    words = [" ".join(each.split()) for each in wanted.message]
    if not any(all(each in outcome.message for each in words) for outcome in failed):
        return f"{wanted.test} must say {words}, got: {short(failed[0].message)}"
    return _broken_import(outcomes)


def _broken_import(outcomes: Sequence[Outcome]) -> str:
    for each in outcomes:
        if each.state == "failed" and BROKEN_IMPORT.match(each.message):
            return f"{each.test} must fail for another reason, got: {short(each.message)}"
    return ""
