"""One event for all stages, closed again while some still stand in the door."""

import threading


def climb(climbers, stages, go, camp, patience=None):
    lock, opened = threading.Lock(), threading.Event()
    arrived, errors = [], []

    def work(climber):
        try:
            for stage in range(stages):
                go(climber, stage)
                with lock:
                    arrived.append(climber)
                    is_last = len(arrived) == climbers
                    if is_last:
                        camp(stage)
                        arrived.clear()
                        opened.set()
                        opened.clear()
                if not is_last and not opened.wait(patience):
                    raise TimeoutError("too late")
                if errors:
                    return
        except Exception as error:
            errors.append(error)
            opened.set()

    threads = [threading.Thread(target=work, args=(climber,)) for climber in range(climbers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
