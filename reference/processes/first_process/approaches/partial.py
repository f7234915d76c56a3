"""A partial holds job and arguments: unlike a lambda it can be pickled."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from multiprocessing import Process
from typing import NamedTuple


class Badge(NamedTuple):
    """Who somebody is."""

    pid: int
    parent: int | None
    name: str


def hire(
    job: Callable[..., object],
    args: Iterable[object] = (),
    kwargs: Mapping[str, object] | None = None,
    *,
    name: str | None = None,
    daemon: bool = False,
) -> Process:
    """Return a process that will call `job(*args, **kwargs)`, and has not started."""
    return Process(target=partial(job, *args, **kwargs or {}), name=name, daemon=daemon)


def badge() -> Badge:
    """Return the badge of the process in which this is called."""
    parent = multiprocessing.parent_process()
    return Badge(os.getpid(), parent.pid if parent else None, multiprocessing.current_process().name)


def send_off(clerk: Process) -> int:
    """Start it, and return its pid; ValueError if it was started before."""
    if clerk.ident:
        raise ValueError(f"{clerk.name} was started before")
    clerk.start()
    return clerk.ident or 0


def report(office: int) -> None:
    """Print the line of a branch, whose office is known."""
    print(f"branch {os.getpid()} of {office}")


def main() -> None:
    """Print a line in the office, and let a branch print one."""
    print("office", os.getpid(), flush=True)
    branch = Process(target=report, args=[os.getpid()])
    branch.start()
    branch.join()


if __name__ == "__main__":
    main()
