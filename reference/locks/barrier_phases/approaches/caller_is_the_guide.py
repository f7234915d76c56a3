"""The calling thread is the guide: climbers report to his queue, and he sends them on, or home."""

import queue
import threading
import time
from collections.abc import Callable


def climb(
    climbers: int,
    stages: int,
    go: Callable[[int, int], object],
    camp: Callable[[int], object],
    patience: float | None = None,
) -> None:
    """Let all climb stage by stage, in one thread each, with a camp after each stage."""
    reports: queue.Queue[tuple[float, Exception | None]] = queue.Queue()
    orders: list[queue.Queue[bool]] = [queue.Queue() for _ in range(climbers)]

    def one(climber: int) -> None:
        for stage in range(stages):
            if not orders[climber].get():
                return
            error = None
            try:
                go(climber, stage)
            except Exception as raised:
                error = raised
            reports.put((time.monotonic(), error))

    def stage_goes_well(stage: int, send: Callable[[bool], None]) -> bool:
        send(True)
        end = None
        for _ in range(climbers):
            rest = None if end is None else max(0.0, end - time.monotonic())
            try:
                when, error = reports.get(timeout=rest)
            except queue.Empty:
                raise TimeoutError from None
            if error is not None:
                raise error
            if end is None and patience is not None:
                end = when + patience
        camp(stage)
        return True

    def send(word: bool) -> None:
        for order in orders:
            order.put(word)

    threads = [threading.Thread(target=one, args=(climber,)) for climber in range(climbers)]
    for thread in threads:
        thread.start()
    failure: Exception | None = None
    try:
        for stage in range(stages):
            stage_goes_well(stage, send)
    except Exception as error:
        failure = error
    send(False)
    for thread in threads:
        thread.join()
    if isinstance(failure, TimeoutError):  # perhaps our own: a late one may have failed since
        while True:
            try:
                _, error = reports.get_nowait()
            except queue.Empty:
                break
            if error is not None:
                failure = error
    if failure is not None:
        raise failure
