"""The reckoner: a conversation with another program. The contract is in README.md."""

from collections.abc import Iterable
from types import TracebackType
from typing import Self


class Reckoner:
    """A program at work, which answers each line with a line."""

    def __init__(self, path: str) -> None:
        """Start the Python program in a file."""
        raise NotImplementedError

    def ask(self, question: str) -> str:
        """Return the answer to a question, or raise EOFError."""
        raise NotImplementedError

    def ask_all(self, questions: Iterable[str]) -> list[str]:
        """Return the answers to all questions."""
        raise NotImplementedError

    def close(self) -> int:
        """End the program's input, wait for its end, return its exit code."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError
