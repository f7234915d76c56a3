"""The herald: a worked solution."""

import os
import subprocess
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
    """Capture both outputs, and look at the code."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(extra or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode != 0:
        raise Refused(command, done.returncode, done.stderr)
    return done.stdout


def overhear(command: Sequence[str]) -> tuple[int, str]:
    """Give both outputs the same pipe: so the order is kept."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    return done.returncode, done.stdout


def record(command: Sequence[str], path: str | os.PathLike[str]) -> int:
    """Hand over an open file; its errors go where ours go."""
    with open(path, "wb") as file:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=file).returncode
