"""Keeps the barriers by size, and a broken one stays broken."""

import threading

barriers = {}


def climb(climbers, stages, go, camp, patience=None):
    barrier = barriers.setdefault(climbers, threading.Barrier(climbers))
    errors = []

    def work(climber):
        try:
            for stage in range(stages):
                go(climber, stage)
                if barrier.wait(patience) == 0:
                    camp(stage)
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
