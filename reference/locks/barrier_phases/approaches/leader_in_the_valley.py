"""The caller leads: climbers report to a queue, and each is told by a queue of his own to go on or home."""

import queue
import threading
import time


def climb(climbers, stages, go, camp, patience=None):
    reports = queue.SimpleQueue()
    orders = [queue.SimpleQueue() for _ in range(climbers)]

    def work(climber):
        for stage in range(stages):
            try:
                go(climber, stage)
            except Exception as error:
                reports.put(error)
                return
            reports.put(None)
            if not orders[climber].get():
                return

    threads = [threading.Thread(target=work, args=(climber,)) for climber in range(climbers)]
    for thread in threads:
        thread.start()
    error = None
    for stage in range(stages):
        error = wait_for_all(reports, climbers, patience)
        if error is None:
            try:
                camp(stage)
            except Exception as found:
                error = found
        for order in orders:
            order.put(error is None)
        if error is not None:
            break
    for thread in threads:
        thread.join()
    while not reports.empty():  # all threads have ended
        late = reports.get()
        if isinstance(error, TimeoutError) and late is not None:
            error = late
    if error is not None:
        raise error


def wait_for_all(reports, climbers, patience):
    until = None
    for _ in range(climbers):
        try:
            error = reports.get(timeout=None if until is None else max(0, until - time.monotonic()))
        except queue.Empty:
            return TimeoutError("somebody is late")
        if error is not None:
            return error
        if until is None and patience is not None:
            until = time.monotonic() + patience
    return None
