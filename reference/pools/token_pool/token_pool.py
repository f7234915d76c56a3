"""The diving school: three schedules, and a box that none of them breaks.

The token is the thread that had it. It puts itself into the queue at its end, when it is still there; whoever takes it
out waits for its very end before the next one starts. Who joins waits for threads, of which there are enough for all.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue


def break_counted() -> list[str]:
    """Return a schedule under which somebody takes a helmet out of an empty list."""
    return ["A: until take:15", "B: to the end", "A: to the end"]


def break_hasty() -> list[str]:
    """Return a schedule under which two are in the water with one helmet."""
    return ["caller: until it waits", "diver-1: until dive:38", "caller: to the end", "diver-2: to the end"]


def break_gathered() -> list[str]:
    """Return a schedule under which two who join wait for ever."""
    return ["A: until join:53", "A: until join:53", "B: until it waits"]


class TokenPool:
    """A thread for each job, and never more of them than there are tokens."""

    def __init__(self, size: int) -> None:
        """Begin with so many tokens."""
        self._tokens: SimpleQueue[threading.Thread | None] = SimpleQueue()
        for _ in range(size):
            self._tokens.put(None)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []

    def run(self, job: Callable[..., object], /, *args: object, **kwargs: object) -> None:
        """Wait for a token, and start a thread that calls the job."""
        before = self._tokens.get()
        if before is not None:
            before.join()
        thread = threading.Thread(target=self._call, args=(job, args, kwargs))
        with self._lock:
            self._threads = [each for each in self._threads if each is not before]
            self._threads.append(thread)
            thread.start()

    def _call(self, job: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]) -> None:
        try:
            job(*args, **kwargs)
        except BaseException as error:
            with self._lock:
                self._errors.append(error)
        finally:
            self._tokens.put(threading.current_thread())

    def join(self) -> list[BaseException]:
        """Wait for all threads; return what jobs have raised since it was asked last."""
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join()
        with self._lock:
            errors, self._errors = self._errors, []
        return errors
