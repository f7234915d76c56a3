"""The programs to measure with, for every tool in the form that it takes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from programs import sctbench, sctbench_structures as structures
from programs.program import Program

PROGRAMS: dict[str, Program] = {program.name: program for program in sctbench.PROGRAMS}
FINDINGS = (AssertionError, IndexError)


def chosen(names: str) -> list[Program]:
    """Return the programs of a comma-separated list, or all."""
    return [PROGRAMS[name] for name in names.split(",")] if names else list(PROGRAMS.values())


def muted(program: Program) -> Callable[[], None]:
    """Return the scenario without its assertions' effect: what speed is measured on.

    Where no assertion can end a run early, a run is as long with one tool as with the other.
    """
    together = sctbench.together

    def quiet(function: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            try:
                function()
            except FINDINGS:
                pass

        return run

    def together_quietly(*functions: Callable[[], object]) -> None:
        together(*map(quiet, functions))

    sctbench.together = structures.together = together_quietly
    return quiet(program.scenario)


class _CapturedError(Exception):
    def __init__(self, functions: tuple[Callable[[], object], ...]) -> None:
        super().__init__()
        self.functions = functions


def parts(program: Program, *, mute: bool) -> tuple[Callable[[], Any], list[Callable[[Any], None]], Callable[[Any], bool]]:
    """Cut a scenario into (setup, workers, invariant), as frontrun wants it.

    The workers are what the scenario gives to `together`; where the scenario's own thread takes
    part, it becomes a worker like the others.
    """
    special = _SPECIAL.get(program.name)
    setup, invariant = special or (lambda: _captured(program), lambda _state: True)
    count = len(setup())

    def worker(number: int) -> Callable[[Any], None]:
        def run(state: Any) -> None:
            try:
                state[number]()
            except FINDINGS:
                if not mute:
                    raise

        return run

    return setup, [worker(number) for number in range(count)], (lambda _state: True) if mute else invariant


def _captured(program: Program) -> list[Callable[[], object]]:
    def capture(*functions: Callable[[], object]) -> None:
        raise _CapturedError(functions)

    before = sctbench.together
    sctbench.together = structures.together = capture
    try:
        program.scenario()
    except _CapturedError as captured:
        return list(captured.functions)
    finally:
        sctbench.together = structures.together = before
    raise AssertionError(f"{program.name} must be cut by hand")


def _bluetooth() -> list[Callable[[], object]]:
    driver = structures.Driver()
    return [driver.stop, driver.request]


def _stringbuffer() -> list[Callable[[], object]]:
    buffer = structures.StringBuffer("abc")

    def change() -> None:
        buffer.erase(0, 3)
        buffer.append("abc")

    return [change, lambda: structures.StringBuffer().append_buffer(buffer)]


class _Stealing(list[Callable[[], object]]):
    jobs: list[structures.Job]


def _stealing() -> _Stealing:
    queue, jobs = structures.WorkStealingQueue(2), [structures.Job() for _ in range(4)]

    def work(job: structures.Job | None) -> None:
        if job is not None:
            job.done += 1

    def thief() -> None:
        for _ in range(2):
            work(queue.steal())

    def owner() -> None:
        for i in (0, 2):
            queue.push(jobs[i])
            queue.push(jobs[i + 1])
            work(queue.pop())
        for _ in range(2):
            work(queue.pop())

    state = _Stealing([thief, owner])
    state.jobs = jobs
    return state


def _philosophers(seats: int) -> list[Callable[[], object]]:
    forks = [structures.threading.Lock() for _ in range(seats)]
    meals = [0] * seats

    def philosopher(seat: int) -> None:
        with forks[seat], forks[(seat + 1) % seats]:
            meals[seat] += 1

    return [lambda seat=seat: philosopher(seat) for seat in range(seats)]  # type: ignore[misc] # a default binds the loop's value


def _holds(_state: Any) -> bool:
    return True


_SPECIAL: dict[str, tuple[Callable[[], Any], Callable[[Any], bool]]] = {
    "bluetooth_driver": (_bluetooth, _holds),
    "stringbuffer": (_stringbuffer, _holds),
    "work_stealing_queue": (_stealing, lambda state: [job.done for job in state.jobs] == [1, 1, 1, 1]),
    "philosophers_3": (lambda: _philosophers(3), _holds),
    "philosophers_5": (lambda: _philosophers(5), _holds),
}
