"""The market stall: the worked solution. A daemon for what may be cut short, and for nothing else."""

from collections.abc import Callable, Iterable
from multiprocessing import Process, current_process, parent_process
from multiprocessing.connection import wait


def open_stall(
    call: Callable[[], object], deliver: Callable[[object], object], parcels: Iterable[object]
) -> tuple[Process, list[Process]]:
    """Start a barker, who ends with this process, and a boy for each parcel, who does not; return them."""
    barker = Process(target=call, daemon=True)
    barker.start()
    boys = [Process(target=deliver, args=(parcel,)) for parcel in parcels]
    for boy in boys:
        boy.start()
    return barker, boys


def may_hire() -> bool:
    """Tell whether the process in which this is called may start processes."""
    return not current_process().daemon


def watch_over(look: Callable[[], object], seconds: float) -> None:
    """Look, and wait for so many seconds, again and again, until the parent of this process has ended."""
    parent = parent_process()
    assert parent is not None
    look()
    while not wait([parent.sentinel], seconds):
        look()
