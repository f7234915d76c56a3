"""A class for each kind of process; the parent is joined for a while, and asked whether it lives."""

import multiprocessing
from collections.abc import Callable, Iterable
from multiprocessing import Process


class Barker(Process):
    """Ends with the process that has made it."""

    def __init__(self, call: Callable[[], object]) -> None:
        """Be a daemon."""
        super().__init__()
        self.daemon, self.call = True, call

    def run(self) -> None:
        """Call."""
        self.call()


class Boy(Process):
    """Finishes his round."""

    def __init__(self, deliver: Callable[[object], object], parcel: object) -> None:
        """Take a parcel."""
        super().__init__(daemon=False)
        self.work = (deliver, parcel)

    def run(self) -> None:
        """Deliver it."""
        deliver, parcel = self.work
        deliver(parcel)


def open_stall(
    call: Callable[[], object], deliver: Callable[[object], object], parcels: Iterable[object]
) -> tuple[Process, list[Process]]:
    """Start a barker, who ends with this process, and a boy for each parcel, who does not; return them."""
    boys: list[Process] = [Boy(deliver, parcel) for parcel in parcels]
    barker = Barker(call)
    for process in [*boys, barker]:
        process.start()
    return barker, boys


def may_hire() -> bool:
    """Tell whether the process in which this is called may start processes."""
    return multiprocessing.process.current_process().daemon is False


def watch_over(look: Callable[[], object], seconds: float) -> None:
    """Look, and wait for so many seconds, again and again, until the parent of this process has ended."""
    parent = multiprocessing.parent_process()
    while parent and parent.is_alive():
        look()
        parent.join(seconds)
