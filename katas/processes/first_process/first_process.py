"""The branch office. The contract is in README.md."""

from collections.abc import Callable, Iterable, Mapping
from multiprocessing import Process
from typing import NamedTuple


class Badge(NamedTuple):
    """Who somebody is (given)."""

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
    raise NotImplementedError


def badge() -> Badge:
    """Return the badge of the process in which this is called."""
    raise NotImplementedError


def send_off(clerk: Process) -> int:
    """Start it, and return its pid; ValueError if it was started before."""
    raise NotImplementedError


def main() -> None:
    """Print a line in the office, and let a branch print one."""
    raise NotImplementedError


# Task 4: what makes a program of this file stands here.
