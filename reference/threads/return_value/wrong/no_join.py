"""Reads the value without waiting for the thread."""

from collections.abc import Callable
from threading import Thread


class ValueThread:
    """Calls a function in a thread, and keeps what it returned or raised."""

    def __init__(self, function: Callable[..., object], *args: object, **kwargs: object) -> None:
        """Take note of what to call, and begin nothing yet."""
        self._call = function, args, kwargs
        self._value: object = None
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run)

    def start(self) -> None:
        """Begin the call in a new thread."""
        self._thread.start()

    def _run(self) -> None:
        function, args, kwargs = self._call
        try:
            self._value = function(*args, **kwargs)
        except BaseException as error:
            self._error = error

    def result(self, timeout: float | None = None) -> object:
        """Wait for the call to end; return what it returned, or raise what it raised."""
        assert self._thread.ident or timeout is None, "not started"
        if self._error is not None:
            raise self._error
        return self._value
