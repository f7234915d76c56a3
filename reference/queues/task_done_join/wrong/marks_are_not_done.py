"""Forgets that marks count as well."""

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
