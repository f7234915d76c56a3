"""The bakery: producers, consumers and a shelf between them. The contract is in README.md."""

from collections.abc import Callable, Iterable

Bun = object


def run_bakery(bakers: list[Iterable[Bun]], customers: int, eat: Callable[[Bun], object], shelf: int) -> None:
    """Let threads bake and eat at a shelf of limited size; return when all is eaten."""
    raise NotImplementedError
