"""Two workshops whose master goes home too early. Given: read them, do not change them."""

from multiprocessing import JoinableQueue, Queue
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Semaphore


def tells_first(jobs: JoinableQueue, finished: Synchronized) -> None:
    """Take jobs, say that they are done, and do them: the worker of the first workshop."""
    while True:
        jobs.get()
        jobs.task_done()
        finished.value += 1


def master_joins(jobs: JoinableQueue, finished: Synchronized, seen: Synchronized) -> None:
    """Give out one job and no more, wait until all is done, and note how many are finished."""
    jobs.put("job")
    jobs.close()
    jobs.join_thread()
    jobs.join()
    seen.value = finished.value


def rings_at_the_mark(jobs: Queue, finished: Synchronized, bell: Semaphore) -> None:
    """Do jobs until there is a mark, then ring: a worker of the second workshop."""
    while jobs.get() is not None:
        finished.value += 1
    bell.release()


def master_hears_the_bell(jobs: Queue, finished: Synchronized, bell: Semaphore, seen: Synchronized) -> None:
    """Give out one job and a mark behind it, wait for the bell, and note how many are finished."""
    jobs.put("job")
    jobs.put(None)
    jobs.close()
    jobs.join_thread()
    bell.acquire()
    seen.value = finished.value
