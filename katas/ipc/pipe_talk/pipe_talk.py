"""The oracle: question and answer through a pipe. The contract is in README.md."""

from collections.abc import Callable

Word = object


class Line:
    """A line to a process that answers questions."""

    def __init__(self, answer: Callable[[Word], Word]) -> None:
        """Start the process, in which `answer(question)` is called for each question."""
        raise NotImplementedError

    def ask(self, question: Word) -> Word:
        """Return the answer; raise EOFError if the process has ended instead."""
        raise NotImplementedError

    def close(self) -> int:
        """Ask nothing any more; wait for the end of the process, and return its exit code."""
        raise NotImplementedError
