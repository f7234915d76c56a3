"""The workshop: programs at work, several at once. The contract is in README.md."""

from collections.abc import Sequence
from typing import NamedTuple


class Result(NamedTuple):
    """What came of a program (given): its exit code, and the first bytes of its output and of its errors."""

    code: int
    output: bytes
    errors: bytes


async def run(command: Sequence[str], given: bytes = b"", seconds: float | None = None, most: int = 10_000) -> Result:
    """Run a program to its end, or raise TimeoutError and leave nothing of it."""
    raise NotImplementedError


async def run_all(
    commands: Sequence[Sequence[str]], at_once: int, seconds: float | None = None, most: int = 10_000
) -> list[Result | Exception]:
    """Run all, at most `at_once` at the same time; return in order what came of each."""
    raise NotImplementedError
