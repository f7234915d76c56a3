"""The doorbell: a worked solution."""

import asyncio
from collections.abc import Callable


class Doorbell:
    """One handle, which is there as long as something is pending."""

    def __init__(self, quiet: float, action: Callable[..., object]) -> None:
        """Begin without a handle."""
        self._quiet = quiet
        self._action = action
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handle: asyncio.Handle | None = None
        self._args: tuple[object, ...] = ()
        self._due = 0.0

    def ring(self, *args: object) -> None:
        """Put a new timer in the place of the old one."""
        self.cancel()
        loop = self._loop = asyncio.get_running_loop()
        self._args = args
        self._due = loop.time() + self._quiet
        self._handle = loop.call_at(self._due, self._come)

    def cancel(self) -> bool:
        """Cancel the handle, and forget it."""
        if not self._is_pending():
            return False
        self._handle.cancel()
        self._handle = None
        return True

    def hurry(self) -> bool:
        """Put a call that comes soon in the place of the timer."""
        if not self.cancel():
            return False
        self._due = self._loop.time()
        self._handle = self._loop.call_soon(self._come)
        return True

    def due(self) -> float | None:
        """Return what was noted with the handle."""
        return self._due if self._is_pending() else None

    def _is_pending(self) -> bool:
        return self._handle is not None and self._loop is asyncio.get_running_loop()

    def _come(self) -> None:
        self._handle = None
        self._action(*self._args)


class Clock:
    """One handle, of the next stroke."""

    def __init__(self, every: float, action: Callable[[int], object]) -> None:
        """Begin without a handle."""
        self._every = every
        self._action = action
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Count from now."""
        self.stop()
        self._plan(asyncio.get_running_loop().time(), 1)

    def stop(self) -> None:
        """Cancel the next stroke."""
        if self._handle is not None:
            self._handle.cancel()

    def _plan(self, began: float, number: int) -> None:
        loop = asyncio.get_running_loop()
        self._handle = loop.call_at(began + number * self._every, self._strike, began, number)

    def _strike(self, began: float, number: int) -> None:
        self._plan(began, number + 1)
        self._action(number)
