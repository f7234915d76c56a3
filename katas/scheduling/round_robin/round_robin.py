"""Round robin: time slices, and what changing costs. The contract is in README.md."""

from typing import NamedTuple


class Job(NamedTuple):
    """What wants the CPU. Given."""

    name: str
    arrival: int
    burst: int


class Figures(NamedTuple):
    """What became of a job. Given."""

    name: str
    start: int
    finish: int
    waiting: int
    turnaround: int


class Slice(NamedTuple):
    """A stretch of time in which a job computes. Given."""

    name: str
    start: int
    end: int


def timeline(jobs: list[Job], quantum: int, switch: int = 0) -> list[Slice]:
    """Return who computes when, in the order of time."""
    raise NotImplementedError


def figures(jobs: list[Job], quantum: int, switch: int = 0) -> list[Figures]:
    """Return the figures of each job, in the order of `jobs`."""
    raise NotImplementedError
