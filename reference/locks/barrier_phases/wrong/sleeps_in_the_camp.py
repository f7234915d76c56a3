"""Sleeps for a while in each camp, until surely all are there."""

import threading
import time


def climb(climbers, stages, go, camp, patience=None):
    def work(climber):
        for stage in range(stages):
            go(climber, stage)
            time.sleep(1)
            if climber == 0:
                camp(stage)

    threads = [threading.Thread(target=work, args=(climber,)) for climber in range(climbers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
