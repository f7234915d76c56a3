"""Counts the arrivals under a lock, and asks again and again."""

import threading
import time


def climb(climbers, stages, go, camp, patience=None):
    lock = threading.Lock()
    arrived, camps, errors = [], [], []

    def work(climber):
        for stage in range(stages):
            try:
                go(climber, stage)
            except Exception as error:
                errors.append(error)
                return
            since = time.monotonic()
            with lock:
                arrived.append(stage)
                if arrived.count(stage) == climbers:
                    try:
                        camp(stage)
                    except Exception as error:
                        errors.append(error)
                        return
                    camps.append(stage)
            while stage not in camps:
                if errors:
                    return
                if patience is not None and time.monotonic() - since >= patience:
                    errors.append(TimeoutError("too late"))
                    return
                time.sleep(0.25)

    threads = [threading.Thread(target=work, args=(climber,)) for climber in range(climbers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
