"""Keeps the exception of everybody, also of those who have only heard of it."""

import threading
from itertools import count


def climb(climbers, stages, go, camp, patience=None):
    stage_by_stage = count()
    barrier = threading.Barrier(climbers, lambda: camp(next(stage_by_stage)))
    errors = []

    def work(climber):
        try:
            for stage in range(stages):
                go(climber, stage)
                barrier.wait(patience)
        except Exception as error:
            barrier.abort()
            errors.append(error)

    threads = [threading.Thread(target=work, args=(climber,)) for climber in range(climbers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    if barrier.broken:
        raise TimeoutError("too late")
