"""Multiprogramming: one computes while another waits. The contract is in README.md."""

from typing import NamedTuple


class Report(NamedTuple):
    """How the CPUs were used. Given."""

    span: int
    busy: int
    utilisation: float
    concurrent: int
    parallel: int


def one_by_one(jobs: list[list[int]]) -> Report:
    """Report one CPU that takes each job to its very end before the next."""
    raise NotImplementedError


def together(jobs: list[list[int]], cpus: int = 1) -> Report:
    """Report CPUs that compute for one job while others wait."""
    raise NotImplementedError
