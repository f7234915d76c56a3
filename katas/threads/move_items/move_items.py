"""Move items: several threads empty one list into another. The contract is in README.md."""

from collections.abc import Callable

Item = object


def move_all(source: list[Item], target: list[Item], carry: Callable[[Item], object], workers: int) -> None:
    """Let `workers` threads move all items, each by `carry(item)`, in random order."""
    raise NotImplementedError
