"""A barrier of one's own whose number nobody guards."""

import threading


def climb(climbers, stages, go, camp, patience=None):
    arrived = [0] * stages
    opened = [threading.Event() for _ in range(stages)]
    gone_wrong = threading.Event()
    errors = []

    def break_up(error):
        errors.append(error)
        gone_wrong.set()
        for event in opened:
            event.set()

    def work(climber):
        try:
            for stage in range(stages):
                go(climber, stage)
                arrived[stage] += 1
                if arrived[stage] == climbers:
                    camp(stage)
                    opened[stage].set()
                elif not opened[stage].wait(patience):
                    raise TimeoutError("too late")
                if gone_wrong.is_set():
                    return
        except Exception as error:
            break_up(error)

    threads = [threading.Thread(target=work, args=(climber,)) for climber in range(climbers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
