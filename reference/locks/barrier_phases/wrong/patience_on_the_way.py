"""Counts the patience from the beginning of the stage."""

import threading
import time
from itertools import count


def climb(climbers, stages, go, camp, patience=None):
    stage_by_stage = count()
    barrier = threading.Barrier(climbers, lambda: camp(next(stage_by_stage)))
    errors = []

    def work(climber):
        try:
            for stage in range(stages):
                until = None if patience is None else time.monotonic() + patience
                go(climber, stage)
                barrier.wait(None if until is None else max(0, until - time.monotonic()))
        except threading.BrokenBarrierError:
            pass
        except Exception as error:
            errors.append(error)
            barrier.abort()

    threads = [threading.Thread(target=work, args=(climber,)) for climber in range(climbers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    if barrier.broken:
        raise TimeoutError("too late")
