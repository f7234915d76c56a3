"""What the tests of pools of processes share: how these start, what they inherit, what came out, and who is left."""

import gc
import multiprocessing
import threading
from multiprocessing.pool import Pool

from pytest_concurrency import DeadlockFound

FORK = multiprocessing.get_context("fork")
SHARED = {}  # what the processes of a test inherit


class Fire(BaseException):
    """No Exception, as KeyboardInterrupt and SystemExit are none."""


def given(act, *args):
    """Return what came out, be it an exception."""
    try:
        return act(*args)
    except (NotImplementedError, DeadlockFound):
        raise
    except (Exception, KeyboardInterrupt, SystemExit, Fire) as error:
        return error


def why(found):
    """Say what an error means that has nothing to do with the jobs."""
    unpicklable = "pickle" in f"{found!r}" or "local object" in f"{found!r}"
    return ": what goes to a process is pickled by name, so no lambda and no inner function" if unpicklable else ""


def left():
    """Return who has not ended; a process that nobody has waited for counts."""
    return [child.name for child in multiprocessing.active_children()]


def end_all(pools=()):
    """End these pools, all others if that is not enough, and all processes."""
    for pool in pools:
        end(pool)
    if left():
        for pool in [each for each in gc.get_objects() if issubclass(type(each), Pool)]:
            end(pool)
    for child in multiprocessing.active_children():
        child.kill()
        child.join()
    SHARED.clear()


def end(pool):
    """End a pool; one that has lost a worker may not come to its end."""
    ending = threading.Thread(target=pool.terminate, daemon=True)
    ending.start()
    ending.join(10)
