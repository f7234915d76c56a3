"""The doorbell with numbers: a call that comes looks whether it is still the one that is wanted."""

import asyncio
from collections.abc import Callable


class Doorbell:
    """What is pending, as a value; handles are cancelled all the same."""

    def __init__(self, quiet: float, action: Callable[..., object]) -> None:
        """Begin with nothing."""
        self.quiet = quiet
        self.action = action
        self.pending: tuple[asyncio.TimerHandle, tuple[object, ...]] | None = None
        self.hurried: float | None = None

    def ring(self, *args: object) -> None:
        """Plan one call, and no other."""
        self.cancel()
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self.quiet, lambda: self.come(timer))
        self.pending = timer, args

    def cancel(self) -> bool:
        """Forget what is pending."""
        found = self.due() is not None
        if self.pending is not None:
            self.pending[0].cancel()
        self.pending = self.hurried = None
        return found

    def hurry(self) -> bool:
        """Let the same call come by another way."""
        if self.due() is None or self.pending is None:
            return False
        loop, timer = asyncio.get_running_loop(), self.pending[0]
        if self.hurried is None:
            timer.cancel()
            self.hurried = loop.time()
            loop.call_soon(self.come, timer)
        return True

    def due(self) -> float | None:
        """Return when the timer rings, or when somebody hurried."""
        if self.pending is None or self.pending[0]._loop is not asyncio.get_running_loop():
            return None
        return self.pending[0].when() if self.hurried is None else self.hurried

    def come(self, timer: asyncio.TimerHandle) -> None:
        """Call the action, if this is what is pending."""
        if self.pending is None or self.pending[0] is not timer:
            return
        args = self.pending[1]
        self.pending = self.hurried = None
        self.action(*args)


class Clock:
    """Strokes that know of which start they are."""

    def __init__(self, every: float, action: Callable[[int], object]) -> None:
        """Begin without a start."""
        self.every = every
        self.action = action
        self.going: object = None

    def start(self) -> None:
        """Begin anew."""
        going = self.going = object()
        loop = asyncio.get_running_loop()
        began = loop.time()

        def strike(number: int) -> None:
            if self.going is not going:
                return
            loop.call_at(began + (number + 1) * self.every, strike, number + 1)
            self.action(number)

        loop.call_at(began + self.every, strike, 1)

    def stop(self) -> None:
        """Let no stroke be the right one."""
        self.going = None
