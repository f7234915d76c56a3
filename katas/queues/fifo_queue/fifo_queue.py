"""The letter box: put in, take out, and wait in every way there is. The contract is in README.md."""

Letter = object


class Mailbox:
    """A box for letters: first in, first out."""

    def __init__(self, size: int = 0) -> None:
        """Hold at most `size` letters; 0 means as many as come."""
        raise NotImplementedError

    def post(self, letter: Letter) -> None:
        """Put a letter in; wait while the box is full."""
        raise NotImplementedError

    def post_now(self, letter: Letter) -> bool:
        """Put a letter in without waiting; tell whether it is in."""
        raise NotImplementedError

    def post_within(self, letter: Letter, seconds: float) -> bool:
        """Put a letter in, wait at most so long; tell whether it is in."""
        raise NotImplementedError

    def take(self) -> Letter:
        """Return the oldest letter; wait while the box is empty."""
        raise NotImplementedError

    def take_now(self, default: Letter = None) -> Letter:
        """Return the oldest letter without waiting, or `default`."""
        raise NotImplementedError

    def take_within(self, seconds: float, default: Letter = None) -> Letter:
        """Return the oldest letter, wait at most so long; else `default`."""
        raise NotImplementedError

    def take_all(self) -> list[Letter]:
        """Return all letters that are there, oldest first, without waiting."""
        raise NotImplementedError
