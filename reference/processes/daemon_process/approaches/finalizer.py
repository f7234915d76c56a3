"""Ends the barker by hand: multiprocessing runs what is to be done at the end before it waits for the children."""

import time
from collections.abc import Callable, Iterable
from multiprocessing import Process, current_process, parent_process, util


def open_stall(
    call: Callable[[], object], deliver: Callable[[object], object], parcels: Iterable[object]
) -> tuple[Process, list[Process]]:
    """Start a barker, who ends with this process, and a boy for each parcel, who does not; return them."""
    barker, boys = Process(target=call), []
    barker.start()
    util.Finalize(None, barker.terminate, exitpriority=1)
    for parcel in parcels:
        boy = Process(target=deliver, args=[parcel])
        boy.start()
        boys.append(boy)
    return barker, boys


def may_hire() -> bool:
    """Tell whether the process in which this is called may start processes."""
    return not current_process().daemon


def watch_over(look: Callable[[], object], seconds: float) -> None:
    """Look, and wait for so many seconds, again and again, until the parent of this process has ended."""
    parent = parent_process()
    assert parent
    while parent.is_alive():
        look()
        time.sleep(seconds)
