"""The herald without pipes: what programs say goes into files without a name, and is read when they have ended."""

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import IO


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
    """Two files, read one after the other."""
    env = os.environ | dict(extra or {})
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        try:
            subprocess.check_call(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        except subprocess.CalledProcessError as error:
            raise Refused(command, error.returncode, _read(errors)) from None
        return _read(output)


def overhear(command: Sequence[str]) -> tuple[int, str]:
    """One file for both."""
    with tempfile.TemporaryFile() as both:
        code = subprocess.call(command, stdin=subprocess.DEVNULL, stdout=both, stderr=both)
        return code, _read(both)


def record(command: Sequence[str], path: str | os.PathLike[str]) -> int:
    """A file with a name."""
    with open(path, "wb") as file:
        return subprocess.call(command, stdin=subprocess.DEVNULL, stdout=file)


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")
