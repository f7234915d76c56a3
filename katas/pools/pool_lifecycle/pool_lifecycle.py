"""The glassworks: set up, renewed, closed, stopped. The contract is in README.md."""

from collections.abc import Callable, Iterable
from multiprocessing.context import BaseContext
from types import TracebackType
from typing import Any, Self


class Glassworks:
    """Processes that light a furnace each, and go home after so many pieces."""

    def __init__(
        self,
        context: BaseContext,
        light: Callable[..., object],
        settings: Iterable[Any] = (),
        blowers: int | None = None,
        pieces: int | None = None,
    ) -> None:
        """Start the processes."""
        raise NotImplementedError

    def give(self, blow: Callable[..., object], *args: object) -> Any:
        """Hand in a piece; return a ticket."""
        raise NotImplementedError

    def close(self) -> None:
        """Return when all is blown, and everybody has gone home."""
        raise NotImplementedError

    def stop(self) -> None:
        """End everybody now."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        """Return the works."""
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; stop if the block has raised."""
        raise NotImplementedError
