"""Predictions and what they earn: pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_concurrency._dojo.states import State

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a pair says before a run: pass or fail, and which test will fail; empty when it does not say."""

    says: str
    test: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """How a pair's predictions did.

    Attributes:
        points: one for each that was right about pass or fail, one more for the right test.
        guesses: how many predictions were followed by a run.
        last: what the last one earned; `None` before the first.
    """

    points: int = 0
    guesses: int = 0
    last: int | None = None


def earned(prediction: Prediction, state: State, failed: Sequence[str]) -> int:
    """Return the points of a prediction: 0, 1, or 2 with the right test."""
    if prediction.says == "pass":
        return int(state is State.GREEN)
    if state is State.GREEN:
        return 0
    names = {test.partition("[")[0] for test in failed}
    return 2 if prediction.test and prediction.test.partition("[")[0] in names else 1


def after(score: Score, points: int) -> Score:
    """Return the score after one prediction more."""
    return replace(score, points=score.points + points, guesses=score.guesses + 1, last=points)
