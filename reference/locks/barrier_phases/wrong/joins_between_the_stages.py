"""Joins all threads in each camp, and starts new ones for the next stage."""

import threading


def climb(climbers, stages, go, camp, patience=None):
    for stage in range(stages):
        errors = []

        def work(climber, stage=stage, errors=errors):
            try:
                go(climber, stage)
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(climber,)) for climber in range(climbers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]
        camp(stage)
