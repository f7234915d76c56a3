"""The village exchange: many clients, and so many lines. The contract is in README.md."""

from collections.abc import Iterable

Address = tuple[str, int]
"""A host, as numbers, and a port (given)."""


def ask_all(address: Address, questions: Iterable[bytes], k: int) -> list[bytes | None]:
    """Ask each question over a connection of its own, at most k at once; return the answers in order."""
    raise NotImplementedError
