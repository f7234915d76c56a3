"""The doorbell with tasks that sleep, and are cancelled."""

import asyncio
from collections.abc import Callable


class Doorbell:
    """A task, which is there as long as something is pending."""

    def __init__(self, quiet: float, action: Callable[..., object]) -> None:
        """Begin without a task."""
        self._quiet = quiet
        self._action = action
        self._task: asyncio.Task[None] | None = None
        self._args: tuple[object, ...] = ()
        self._due = 0.0

    def ring(self, *args: object) -> None:
        """Begin anew to wait."""
        self.cancel()
        self._args = args
        self._wait(self._quiet)

    def cancel(self) -> bool:
        """Cancel the task, and forget it."""
        pending = self.due() is not None
        if pending and self._task is not None:
            self._task.cancel()
        self._task = None
        return pending

    def hurry(self) -> bool:
        """Wait for no time at all."""
        pending = self.cancel()
        if pending:
            self._wait(0)
        return pending

    def due(self) -> float | None:
        """Return what was noted, unless the task has ended with its loop."""
        return None if self._task is None or self._task.done() else self._due

    def _wait(self, seconds: float) -> None:
        self._due = asyncio.get_running_loop().time() + seconds
        self._task = asyncio.create_task(self._come(self._due))

    async def _come(self, due: float) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(due - loop.time())
        self._task = None
        try:
            self._action(*self._args)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            loop.call_exception_handler({"message": "the action failed", "exception": error})


class Clock:
    """A task that strikes."""

    def __init__(self, every: float, action: Callable[[int], object]) -> None:
        """Begin without a task."""
        self._every = every
        self._action = action
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin a task in the place of the old one."""
        self.stop()
        self._task = asyncio.create_task(self._go(asyncio.get_running_loop().time()))

    def stop(self) -> None:
        """Cancel the task; it may be the one that is striking."""
        if self._task is not None:
            self._task.cancel()

    async def _go(self, began: float) -> None:
        loop, number = asyncio.get_running_loop(), 0
        while True:
            number += 1
            await asyncio.sleep(began + number * self._every - loop.time())
            try:
                self._action(number)
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:  # a CancelledError of the action, too
                loop.call_exception_handler({"message": "the stroke failed", "exception": error})
