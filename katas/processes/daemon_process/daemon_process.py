"""The market stall. The contract is in README.md."""

from collections.abc import Callable, Iterable
from multiprocessing import Process


def open_stall(
    call: Callable[[], object], deliver: Callable[[object], object], parcels: Iterable[object]
) -> tuple[Process, list[Process]]:
    """Start a barker, who ends with this process, and a boy for each parcel, who does not; return them."""
    raise NotImplementedError


def may_hire() -> bool:
    """Tell whether the process in which this is called may start processes."""
    raise NotImplementedError


def watch_over(look: Callable[[], object], seconds: float) -> None:
    """Look, and wait for so many seconds, again and again, until the parent of this process has ended."""
    raise NotImplementedError
