"""The glassworks: the worked solution.

The pool knows how to set up and to renew its processes; what it does not know is that a copy of it in another process
has nobody who works. To close is to say that it is over, and to wait.
"""

import os
from collections.abc import Callable, Iterable
from multiprocessing.context import BaseContext
from multiprocessing.pool import AsyncResult
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
        self._owner = os.getpid()
        self._pool = context.Pool(blowers, light, tuple(settings), pieces)

    def _check(self) -> None:
        if os.getpid() != self._owner:
            raise RuntimeError("only the process that has made the works may use it")

    def give(self, blow: Callable[..., object], *args: object) -> AsyncResult[Any]:
        """Hand in a piece; return a ticket."""
        self._check()
        return self._pool.apply_async(blow, args)

    def close(self) -> None:
        """Return when all is blown, and everybody has gone home."""
        self._check()
        self._pool.close()
        self._pool.join()

    def stop(self) -> None:
        """End everybody now."""
        self._check()
        self._pool.terminate()
        self._pool.join()

    def __enter__(self) -> Self:
        """Return the works."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; stop if the block has raised."""
        if kind is None:
            self.close()
        else:
            self.stop()
