"""What a guard returns for what it has started: by it a test asks for results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess

    from pytest_concurrency._runtimes import joining
    from pytest_concurrency._runtimes.processes.guarding.started import StartedProcess

TIMEOUT: Final = 10.0  # seconds


class Worker:
    """A thread that `guard.spawn` has started."""

    def __init__(self, join: Callable[..., Any], worker: joining.Worker) -> None:
        self._join = join
        self.joined = worker

    def __repr__(self) -> str:
        return repr(self.joined)

    @property
    def name(self) -> str:
        """The name of the thread."""
        return self.joined.name

    @property
    def thread(self) -> threading.Thread:
        """The thread itself."""
        return self.joined.thread

    def is_alive(self) -> bool:
        """Tell whether it has not ended."""
        return self.joined.thread.is_alive()

    def result(self, timeout: float = TIMEOUT) -> Any:
        """Return what the function returned, once it has.

        Raises:
            Exception: What the function raised, with its own traceback.
            StuckFound: It had not ended after `timeout` seconds; the message says where it is.
        """
        __tracebackhide__ = True
        self._join(self, timeout=timeout)
        return self.joined.value


class Child:
    """A process that `guard.process` has started."""

    def __init__(self, join: Callable[..., Any], started: StartedProcess) -> None:
        self._join = join
        self.joined = started

    def __repr__(self) -> str:
        return f"<{self.joined.name}{'' if self.is_alive() else ', ended'}>"

    @property
    def name(self) -> str:
        """The name of the process."""
        return str(self.process.name)

    @property
    def process(self) -> BaseProcess:
        """The `multiprocessing.Process` itself."""
        process: BaseProcess = self.joined.process
        return process

    def is_alive(self) -> bool:
        """Tell whether it has not ended."""
        return self.process.is_alive()

    def result(self, timeout: float = TIMEOUT) -> Any:
        """Return what the function returned, once it has.

        Raises:
            Exception: What the function raised, with a traceback of its lines.
            ChildFailed: It ended badly in another way, or what it returned cannot be pickled.
            StuckFound: It had not ended after `timeout` seconds.
        """
        __tracebackhide__ = True
        self._join(self, timeout=timeout)
        return self.joined.value
