"""The taxi rank: the worked solution.

One condition for all that changes. Who runs a job counts, under its lock, the jobs and the workers that wait, and
puts a new worker on the list itself: so there are never too many, and none is missing when it closes.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

Callback = Callable[[bool, Any], object] | None
Task = tuple[Callable[..., Any], tuple[Any, ...], Callback]


class WorkerPool:
    """Workers that are started when they are needed, and used again."""

    def __init__(self, most: int) -> None:
        """Begin without a worker; there are never more than so many."""
        self._most = most
        self._changed = threading.Condition()
        self._jobs: deque[Task] = deque()
        self._workers: list[threading.Thread] = []
        self._errors: list[BaseException] = []
        self._idle = 0
        self._open = True

    def run(self, job: Callable[..., Any], args: Iterable[Any] = (), callback: Callback = None) -> None:
        """Let a worker call the job, and tell the callback what came of it."""
        with self._changed:
            if not self._open:
                raise RuntimeError("the pool takes no more jobs")
            self._jobs.append((job, tuple(args), callback))
            if len(self._jobs) > self._idle and len(self._workers) < self._most:
                self._workers.append(threading.Thread(target=self._work))
                self._workers[-1].start()
            self._changed.notify()

    def _work(self) -> None:
        while task := self._next():
            self._call(*task)

    def _next(self) -> Task | None:
        with self._changed:
            self._idle += 1
            self._changed.wait_for(lambda: self._jobs or not self._open)
            self._idle -= 1
            return self._jobs.popleft() if self._jobs else None

    def _call(self, job: Callable[..., Any], args: tuple[Any, ...], callback: Callback) -> None:
        try:
            told = True, job(*args)
        except BaseException as error:
            told = False, error
        try:
            if callback is not None:
                callback(*told)
            elif told[0] is False:
                raise told[1]
        except BaseException as error:
            with self._changed:
                self._errors.append(error)

    def close(self) -> list[BaseException]:
        """Take no more; return when all is through, with the errors that nobody was told."""
        with self._changed:
            self._open = False
            self._changed.notify_all()
        for worker in self._workers:
            worker.join()
        return list(self._errors)

    def terminate(self) -> list[BaseException]:
        """Take no more, and begin no more; return as close does."""
        with self._changed:
            self._open = False
            self._jobs.clear()
        return self.close()
