"""Lets everybody climb as if he were alone."""

import threading


def climb(climbers, stages, go, camp, patience=None):
    def work(climber):
        for stage in range(stages):
            go(climber, stage)
            if climber == 0:
                camp(stage)

    threads = [threading.Thread(target=work, args=(climber,)) for climber in range(climbers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
