"""The room as the board knows it: pairs, their lights, the timer. No I/O; time is handed in."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_concurrency._dojo.board import lights, rotation, scores
from pytest_concurrency._dojo.board.lights import Light, Moment
from pytest_concurrency._dojo.board.scores import Prediction, Score
from pytest_concurrency._dojo.states import State
from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_concurrency._dojo.board.protocol import Report
    from pytest_concurrency._dojo.board.rotation import Rotation

MOST_MOMENTS = 200
BETWEEN_PEOPLE = re.compile(r"\s*(?:[+&,/、和与]|(?<=\w)-and-(?=\w)|\band\b)\s*")


NO_SCORE = Score()


class Foreign(Refused):
    """Somebody has asked who does not belong here."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair, as far as it has come.

    Attributes:
        joined: seconds since the session began.
        at: when the last report was about; a report about an earlier moment changes its minute, not the present.
        running: whether a run goes on.
    """

    id: str
    name: str
    people: tuple[str, ...]
    key: str
    joined: float
    at: float = 0.0
    state: State = State.NOT_BEGUN
    kata: str = ""
    tasks: Mapping[int, State] = field(default_factory=dict)
    task: int = 0
    line: str = ""
    running: bool = False
    reports: int = 0
    lights: Mapping[int, Light] = field(default_factory=dict)
    moments: tuple[Moment, ...] = ()
    prediction: Prediction | None = None
    score: Score = NO_SCORE


class Room:
    """All pairs of a session.

    Args:
        most: so many pairs may join.
        timer: whose turn it is.
        most_moments: so many changes are remembered for each pair.
    """

    def __init__(self, most: int, timer: Rotation, most_moments: int = MOST_MOMENTS) -> None:
        """Begin with nobody."""
        self.most = most
        self.timer = timer
        self.pairs: dict[str, Pair] = {}
        self._most_moments = most_moments

    def refuse_if_full(self) -> None:
        """Refuse a pair more than there may be.

        Raises:
            ValueError: the room is full.
        """
        if len(self.pairs) >= self.most:
            full = {"most": self.most}
            raise Refused("at most {most} pairs may join, got one more: start the board with --pairs", full)

    def join(self, number: str, name: str, people: Sequence[str], key: str, now: float) -> Pair:
        """Let a pair in; where a name is taken, a number is added to it."""
        pair = Pair(number, free_name(name, [each.name for each in self.pairs.values()]), tuple(people), key, now)
        self.pairs[number] = pair
        return pair

    def rename(self, number: str, name: str, people: Sequence[str]) -> Pair:
        """Give a pair another name: who has sat down with whom may change."""
        others = [each.name for each in self.pairs.values() if each.id != number]
        self.pairs[number] = pair = replace(self.pairs[number], name=free_name(name, others), people=tuple(people))
        return pair

    def known(self, number: str, key: str) -> Pair:
        """Return the pair that shows its key.

        Raises:
            Foreign: there is no such pair, or it has another key.
        """
        pair = self.pairs.get(number)
        if pair is None or not hmac.compare_digest(pair.key.encode(), key.encode()):
            raise Foreign("pair and key must be those that this board gave: run `katas join` again")
        return pair

    def report(self, number: str, report: Report, at: float) -> Pair:
        """Take in a report about a moment."""
        pair = self.pairs[number]
        if not report.running:
            light = Light(report.state, report.kata, report.line)
            pair = replace(pair, lights=lights.lit(pair.lights, at, light))
        pair = replace(pair, reports=pair.reports + 1)
        if at >= pair.at:
            pair = self._now(pair, report, at)
        self.pairs[number] = pair
        return pair

    def _now(self, pair: Pair, report: Report, at: float) -> Pair:
        if report.running:
            return replace(pair, at=at, running=True, kata=report.kata, task=report.task or pair.task)
        moments = pair.moments
        before = pair.state if pair.kata in ("", report.kata) else State.NOT_BEGUN
        if before is not report.state:
            moment = Moment(at, before, report.state, report.kata, report.line)
            moments = (*moments, moment)[-self._most_moments :]
        return replace(
            self._judged(pair, report),
            at=at,
            running=False,
            state=report.state,
            kata=report.kata,
            tasks=dict(report.tasks),
            task=report.task,
            line=report.line,
            moments=moments,
        )

    def _judged(self, pair: Pair, report: Report) -> Pair:
        if pair.prediction is None:
            return pair
        points = scores.earned(pair.prediction, report.state, report.failed)
        return replace(pair, prediction=None, score=scores.after(pair.score, points))

    def predict(self, number: str, prediction: Prediction) -> Pair:
        """Keep what a pair says about its next run."""
        self.pairs[number] = pair = replace(self.pairs[number], prediction=prediction)
        return pair

    def settle(self, now: float) -> bool:
        """Let turns end whose time is up; tell whether one has."""
        before, self.timer = self.timer, rotation.settle(self.timer, now)
        return before != self.timer

    def rotate(self, do: str, now: float, minutes: float = 0) -> None:
        """Start, pause or skip the timer, or change it."""
        self.timer = rotation.change(self.timer, do, now, minutes)


def free_name(name: str, taken: Sequence[str]) -> str:
    """Return the name, with a number behind it where others bear it already."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name} ({number})"
    return found


def people_in(name: str) -> list[str]:
    """Return the people that a pair's name speaks of: `ann-and-bob`, `Ann & Bob`, `安和波`."""
    return [each[:40] for each in BETWEEN_PEOPLE.split(name) if each][:8]
