"""The rope party: the worked solution.

Each climber is one thread that goes round a loop and waits at the same barrier at the end of each
round. The barrier calls its action when all are there and before it lets anybody go, which is the one
moment for the camp. Who fails will not arrive: he keeps his exception and aborts the barrier, and it
stays broken for those who wait and for those who come later. They get a `BrokenBarrierError` and go home,
as the reason is known already. If nobody has left a reason, somebody's patience was at its end.
"""

import threading
from collections.abc import Callable
from itertools import count


def climb(
    climbers: int,
    stages: int,
    go: Callable[[int, int], object],
    camp: Callable[[int], object],
    patience: float | None = None,
) -> None:
    """Let all climb stage by stage, in one thread each, with a camp after each stage."""
    stage_by_stage = count()
    barrier = threading.Barrier(climbers, lambda: camp(next(stage_by_stage)))
    errors: list[Exception] = []  # a single append needs no lock

    def work(climber: int) -> None:
        try:
            for stage in range(stages):
                go(climber, stage)
                barrier.wait(patience)
        except threading.BrokenBarrierError:
            pass  # somebody else has failed, or time is up
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
        raise TimeoutError(f"somebody was waited for in vain for {patience} seconds")
