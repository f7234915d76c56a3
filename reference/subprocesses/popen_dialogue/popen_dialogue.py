"""The reckoner: a worked solution."""

import subprocess
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Self


class Reckoner:
    """A child whose pipes are texts, flushed at each end of a line."""

    def __init__(self, path: str) -> None:
        """Start it without a buffer on its side."""
        self._process = subprocess.Popen(
            [sys.executable, "-u", path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            bufsize=1,
        )
        self._is_closed = False

    def ask(self, question: str) -> str:
        """Write a line, read a line."""
        if self._is_closed or "\n" in question:
            raise ValueError(f"an open reckoner and a question of one line are needed, got {question!r}")
        try:
            self._process.stdin.write(f"{question}\n")
        except BrokenPipeError:
            raise EOFError("the reckoner listens no more") from None
        answer = self._process.stdout.readline()
        if not answer.endswith("\n"):
            raise EOFError(f"the reckoner has gone, and {answer!r} is no whole line")
        return answer[:-1]

    def ask_all(self, questions: Iterable[str]) -> list[str]:
        """One after the other: so no pipe is ever full."""
        return [self.ask(question) for question in questions]

    def close(self) -> int:
        """Let `communicate` end the input, read what still comes, and wait."""
        if not self._is_closed:
            self._is_closed = True
            self._process.communicate()
        return self._process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
