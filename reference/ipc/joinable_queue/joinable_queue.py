"""The workshop of processes: two schedules, and a workshop whose master stays to the end.

A job counts from `put` to `task_done`, and `join` waits until none counts any more. So `task_done` comes when the
job is done, in `finally`, as a job that fails is over as well. The workers wait for ever, and are daemons: they
end with the program.
"""

from collections.abc import Callable
from multiprocessing import JoinableQueue, Process

Job = object


def break_tells_first() -> list[str]:
    """Return a schedule under which the master of the first workshop finds nothing finished."""
    return [
        "master: until it waits",
        "QueueFeederThread: to the end",
        "worker: until read finished.value",
        "master: to the end",
    ]


def break_rings_at_the_mark() -> list[str]:
    """Return a schedule under which the master of the second workshop finds nothing finished."""
    return [
        "master: until it waits",
        "QueueFeederThread: to the end",
        "A: until read finished.value",
        "B: to the end",
        "master: until write seen.value",
    ]


class Workshop:
    """Processes that do jobs."""

    def __init__(self, workers: int, work: Callable[[Job], object]) -> None:
        """Start so many processes, in which `work(job)` is called for each job."""
        self._jobs = JoinableQueue()
        for _ in range(workers):
            Process(target=_do_all, args=(self._jobs, work), daemon=True).start()

    def add(self, job: Job) -> None:
        """Give out a job, and wait for nobody."""
        self._jobs.put(job)

    def wait(self) -> None:
        """Return when all jobs that have been added are done."""
        self._jobs.join()


def _do_all(jobs, work) -> None:
    while True:
        job = jobs.get()
        try:
            work(job)
        except BaseException:
            pass
        finally:
            jobs.task_done()
