"""A class whose run() does the job: an object that can be pickled holds what it needs."""

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


class Clerk(Process):
    """A process with a job."""

    def __init__(
        self, job: Callable[..., object], args: Iterable[object], kwargs: Mapping[str, object], name: str | None
    ) -> None:
        """Take the job along."""
        super().__init__(name=name)
        self.work = (job, tuple(args), dict(kwargs))

    def run(self) -> None:
        """Do the job."""
        job, args, kwargs = self.work
        job(*args, **kwargs)


def hire(
    job: Callable[..., object],
    args: Iterable[object] = (),
    kwargs: Mapping[str, object] | None = None,
    *,
    name: str | None = None,
    daemon: bool = False,
) -> Process:
    """Return a process that will call `job(*args, **kwargs)`, and has not started."""
    clerk = Clerk(job, args, kwargs or {}, name)
    clerk.daemon = daemon
    if name is None:
        clerk.name = clerk.name.replace("Clerk", "Process")
    return clerk


def badge() -> Badge:
    """Return the badge of the process in which this is called."""
    me, parent = multiprocessing.current_process(), multiprocessing.parent_process()
    assert me.pid is not None
    return Badge(me.pid, None if parent is None else parent.pid, me.name)


def send_off(clerk: Process) -> int:
    """Start it, and return its pid; ValueError if it was started before."""
    try:
        clerk.start()
    except AssertionError as error:
        raise ValueError(f"{clerk.name}: {error}") from None
    return clerk.pid or 0


def main() -> None:
    """Print a line in the office, and let a branch print one."""
    branch = Branch()
    branch.start()
    branch.join()
    print("office", os.getpid())


class Branch(Process):
    """Prints its line."""

    def run(self) -> None:
        """Say who this is, and who has sent it."""
        mine = badge()
        print("branch", mine.pid, "of", mine.parent)


if __name__ == "__main__":
    main()
