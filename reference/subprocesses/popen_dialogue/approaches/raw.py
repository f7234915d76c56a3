"""The reckoner without any buffer: bytes go straight to the pipes, and lines are put together by hand."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Self


class Reckoner:
    """A child, two descriptors, and what has been read of the next line."""

    def __init__(self, path: str) -> None:
        """Tell the child by its environment that it should not keep anything."""
        self._process = subprocess.Popen(
            [sys.executable, path],
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        self._begun = b""

    def ask(self, question: str) -> str:
        """Write all of it, read until there is a line."""
        if self._process.stdin.closed:
            raise ValueError("the reckoner is closed")
        if "\n" in question:
            raise ValueError(f"a question must be one line, got {question!r}")
        rest = question.encode() + b"\n"
        try:
            while rest:
                rest = rest[os.write(self._process.stdin.fileno(), rest) :]
        except BrokenPipeError as error:
            raise EOFError("nobody listens") from error
        while b"\n" not in self._begun:
            piece = os.read(self._process.stdout.fileno(), 65_536)
            if not piece:
                raise EOFError("nobody answers")
            self._begun += piece
        answer, _, self._begun = self._begun.partition(b"\n")
        return answer.decode()

    def ask_all(self, questions: Iterable[str]) -> list[str]:
        """One after the other."""
        return list(map(self.ask, questions))

    def close(self) -> int:
        """End the input, read to the end, wait."""
        self._process.stdin.close()
        if not self._process.stdout.closed:
            with self._process.stdout:
                while os.read(self._process.stdout.fileno(), 65_536):
                    pass
        return self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self.close()
