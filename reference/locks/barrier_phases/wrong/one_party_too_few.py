"""Counts the parties without himself."""

import threading
from itertools import count


def climb(climbers, stages, go, camp, patience=None):
    stage_by_stage = count()
    barrier = threading.Barrier(max(1, climbers - 1), lambda: camp(next(stage_by_stage)))
    errors = []

    def work(climber):
        try:
            for stage in range(stages):
                go(climber, stage)
                barrier.wait(patience)
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
