"""The regatta: boats as they come in, and outcomes by start number. The contract is in README.md."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

Boat = TypeVar("Boat")


def arrivals(futures: list[Future[Any]]) -> Iterator[Future[Any]]:
    """Give out each future when it is done, in the order in which they end."""
    raise NotImplementedError


def regatta(
    sail: Callable[[Boat], object], boats: list[Boat], crews: int, cheer: Callable[[Boat, object], object]
) -> list[object]:
    """Sail all boats, cheer for each when it is in; return the outcomes in the order of the boats."""
    raise NotImplementedError
