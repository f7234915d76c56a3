"""The workshop: the worked solution.

The queue counts: one up with each `put`, one down with each `task_done`, and `join` waits for 0. So
`task_done` stands where a job has been dealt with, in `finally`, which both ways out of the work pass
exactly once; the failure is noted before. A job that adds jobs counts them up before it is counted down
itself, so that 0 is never reached in between. `close` waits before it puts the marks, else they
would overtake what jobs still add.
"""

import queue
import threading
from collections.abc import Callable

Job = object
END = object()


class Workshop:
    """Threads that work on jobs."""

    failures: list[tuple[Job, Exception]]

    def __init__(self, workers: int, work: Callable[[Job], object]) -> None:
        """Start the threads."""
        self.failures = []
        self._work = work
        self._jobs: queue.Queue[Job] = queue.Queue()
        self._threads = [threading.Thread(target=self._run) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            if job is END:
                self._jobs.task_done()
                return
            try:
                self._work(job)
            except Exception as error:
                self.failures.append((job, error))
            finally:
                self._jobs.task_done()

    def add(self, job: Job) -> None:
        """Hand in a job."""
        self._jobs.put(job)

    def wait(self) -> None:
        """Return when everything is done."""
        self._jobs.join()

    def close(self) -> None:
        """Wait until everything is done, and end the threads."""
        self.wait()
        for _ in self._threads:
            self._jobs.put(END)
        for thread in self._threads:
            thread.join()
