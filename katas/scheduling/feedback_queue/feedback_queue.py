"""Feedback queue: several levels, and everybody starts on top. The contract is in README.md."""

from typing import NamedTuple


class Job(NamedTuple):
    """What wants the CPU. Given."""

    name: str
    arrival: int
    burst: int


class Slice(NamedTuple):
    """A stretch of time in which a job computes, taken from a level. Given."""

    name: str
    level: int
    start: int
    end: int


def feedback(jobs: list[Job], quanta: list[int], boost: int | None = None) -> list[Slice]:
    """Return who computes when, and from which level, in the order of time."""
    raise NotImplementedError
