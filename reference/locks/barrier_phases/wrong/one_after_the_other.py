"""Sends each climber off when the one before has come back."""

import threading


def climb(climbers, stages, go, camp, patience=None):
    def work(climber):
        for stage in range(stages):
            go(climber, stage)

    for climber in range(climbers):
        thread = threading.Thread(target=work, args=(climber,))
        thread.start()
        thread.join()
    for stage in range(stages):
        camp(stage)
