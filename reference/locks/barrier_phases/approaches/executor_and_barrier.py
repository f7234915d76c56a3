"""An executor's threads; the futures keep the exceptions."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError


def climb(climbers, stages, go, camp, patience=None):
    done = []

    def put_up_the_tent():
        camp(len(done))
        done.append("a stage")

    barrier = Barrier(climbers, action=put_up_the_tent, timeout=patience)
    all_here = Barrier(climbers)  # else the pool lends the thread of who fails at once to the next

    def work(climber):
        all_here.wait()
        for stage in range(stages):
            try:
                go(climber, stage)
            except Exception:
                barrier.abort()
                raise
            barrier.wait()

    with ThreadPoolExecutor(max_workers=climbers) as executor:
        futures = [executor.submit(work, climber) for climber in range(climbers)]
    errors = [error for future in futures if (error := future.exception()) is not None]
    for error in errors:
        if not isinstance(error, BrokenBarrierError):
            raise error
    if errors:
        raise TimeoutError("the others were late") from errors[0]
