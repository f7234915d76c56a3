"""The herald: run a program, bring back what it says. The contract is in README.md."""

import os
from collections.abc import Mapping, Sequence


class Refused(Exception):
    """A program that has failed (given): its command, its exit code, and what it said on standard error."""

    def __init__(self, command: Sequence[str], code: int, errors: str) -> None:
        super().__init__(command, code, errors)
        self.command, self.code, self.errors = command, code, errors

    def __str__(self) -> str:
        return f"{self.command} ended with {self.code} and said: {self.errors}"


def ask(
    command: Sequence[str], folder: str | os.PathLike[str] | None = None, extra: Mapping[str, str] | None = None
) -> str:
    """Return what a program says, or raise Refused."""
    raise NotImplementedError


def overhear(command: Sequence[str]) -> tuple[int, str]:
    """Return the code of a program, and all that it says on both of its outputs, in order."""
    raise NotImplementedError


def record(command: Sequence[str], path: str | os.PathLike[str]) -> int:
    """Let a program write into a file, and return its code."""
    raise NotImplementedError
