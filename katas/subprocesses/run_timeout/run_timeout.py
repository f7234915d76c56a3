"""The singing contest: a line for the shell, and a limit. The contract is in README.md."""

from typing import NamedTuple


class Performance(NamedTuple):
    """What came of a line (given): the exit code of the shell, and all that was said."""

    code: int
    song: bytes


def perform(line: str, seconds: float | None) -> Performance:
    """Run a line to its end, or raise TimeoutExpired; leave nobody of it."""
    raise NotImplementedError
