"""What makes a schedule over processes cost less: what it leaves open, and what a child need not do again."""

import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest

from pytest_concurrency import explore
from pytest_concurrency._sight.catalogue import Catalogue
from pytest_concurrency._sight.watching import Watch

FORK = multiprocessing.get_context("fork")
SCHEDULES = 12
PIPES = 2  # of a process that was forked


def tell_cpus(tell: Any) -> None:
    tell.send(cpus())


def cpus() -> str:
    """Return the CPUs that the system lets this thread have."""
    lines = Path("/proc/thread-self/status").read_text(encoding="ascii").splitlines()
    return next(line for line in lines if line.startswith("Cpus_allowed_list"))


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="only Linux lists descriptors")
def test_pipes_of_processes_that_have_ended_are_closed_with_their_run() -> None:
    opened: list[int] = []

    def scenario() -> None:
        opened.append(len(os.listdir("/proc/self/fd")))
        child = FORK.Process(target=int)
        child.start()
        child.join()

    explore(scenario, strategy="random", schedules=SCHEDULES, races="ignore", seconds=30)
    assert len(opened) >= SCHEDULES
    assert opened[-1] - opened[1] < PIPES * SCHEDULES / 2, opened


@pytest.mark.skipif(not os.path.exists("/proc/thread-self"), reason="only Linux tells")
def test_a_child_stays_on_the_cpu_of_its_run() -> None:
    def scenario() -> bool:
        hear, tell = FORK.Pipe(duplex=False)
        child = FORK.Process(target=tell_cpus, args=(tell,))
        child.start()
        theirs = hear.recv()
        child.join()
        hear.close()
        tell.close()
        return bool(theirs == cpus())

    verdict = explore(scenario, strategy="random", schedules=2, races="ignore", seconds=30)
    assert set(verdict.outcomes) == {"True"}


def called(numbers: list[int]) -> None:
    numbers[0] += 1


def calls(numbers: list[int]) -> None:
    called(numbers)
    cpus()


def test_sites_of_a_target_and_of_what_it_calls_are_found_before_the_fork() -> None:
    found = Catalogue()
    found.look_ahead(calls, Watch([Path(__file__).parent]))
    assert {id(each.__code__) for each in (calls, called, cpus)} <= found.tables.keys()
    assert all(site.code.co_filename == __file__ for table in found.tables.values() for site in table.values())


def test_nothing_is_looked_for_in_what_nobody_watches() -> None:
    found = Catalogue()
    for each in (os.path.join, len, None, Catalogue):
        found.look_ahead(each, Watch([Path(__file__).parent]))
    assert found.tables == {}
