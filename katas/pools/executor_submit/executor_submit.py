"""The laundry: bring, fetch, close, and wash it all. The contract is in README.md."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

Load = TypeVar("Load")
Washed = TypeVar("Washed")


class Laundry:
    """Machines that take one load after the other, and tickets for what was brought."""

    def __init__(self, machines: int) -> None:
        """Open, with so many machines."""
        raise NotImplementedError

    def bring(self, wash: Callable[..., object], /, *args: object, **kwargs: object) -> Any:
        """Leave a load here; return a ticket."""
        raise NotImplementedError

    def is_ready(self, ticket: Any) -> bool:
        """Tell whether a load is through."""
        raise NotImplementedError

    def fetch(self, ticket: Any) -> Any:
        """Wait for a load; return or raise what came of it."""
        raise NotImplementedError

    def close(self) -> None:
        """Take no more; wait until all is through and all threads have ended."""
        raise NotImplementedError


def wash_all(wash: Callable[[Load], Washed], loads: Iterable[Load], machines: int) -> list[Washed]:
    """Wash so many loads at a time; return in order what came of them."""
    raise NotImplementedError
