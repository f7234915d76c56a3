"""The branch office: the worked solution.

A process gets the function and its arguments, not a closure around them, so that they can be pickled. Who
started whom is known to multiprocessing alone: the operating system knows only who forked whom.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Mapping
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
    return Process(target=job, args=tuple(args), kwargs=dict(kwargs or {}), name=name, daemon=daemon)


def badge() -> Badge:
    """Return the badge of the process in which this is called."""
    parent = multiprocessing.parent_process()
    return Badge(os.getpid(), parent.pid if parent else None, multiprocessing.current_process().name)


def send_off(clerk: Process) -> int:
    """Start it, and return its pid; ValueError if it was started before."""
    if clerk.pid is not None:
        raise ValueError(f"a process starts once, got {clerk.name}, which was started before")
    clerk.start()
    return clerk.pid


def report() -> None:
    """Print the line of a branch."""
    mine = badge()
    print(f"branch {mine.pid} of {mine.parent}")


def main() -> None:
    """Print a line in the office, and let a branch print one."""
    print(f"office {os.getpid()}", flush=True)
    branch = hire(report)
    send_off(branch)
    branch.join()


if __name__ == "__main__":
    main()
