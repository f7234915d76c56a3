"""The programs to measure with, for every tool in the form that it takes."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable
from typing import Any

from programs import sctbench
from programs import sctbench_structures as structures
from programs.program import Program, together

PROGRAMS: dict[str, Program] = {program.name: program for program in sctbench.PROGRAMS}
FINDINGS = (AssertionError, IndexError)


def chosen(names: str) -> list[Program]:
    """Return the programs of a comma-separated list, or all."""
    return [PROGRAMS[name] for name in names.split(",")] if names else list(PROGRAMS.values())


def muted(program: Program) -> Callable[[], None]:
    """Return the scenario without its assertions' effect: what speed is measured on.

    Where no assertion can end a run early, a run is as long with one tool as with the other.
    """

    def quiet(function: Callable[[], object]) -> Callable[[], None]:
        @functools.wraps(function)  # by which it is known whose code is to be watched
        def run() -> None:
            with contextlib.suppress(*FINDINGS):
                function()

        return run

    def together_quietly(*functions: Callable[[], object]) -> None:
        together(*map(quiet, functions))

    _let_together_be(together_quietly)
    return quiet(program.scenario)


def _let_together_be(function: Callable[..., None]) -> None:
    for module in (sctbench, structures):
        vars(module)["together"] = function


class _CapturedError(Exception):
    def __init__(self, functions: tuple[Callable[[], object], ...]) -> None:
        super().__init__()
        self.functions = functions


class _State:
    """What frontrun's workers share: what each has to do, and whether one of them failed."""

    def __init__(self, functions: list[Callable[[], object]]) -> None:
        self.functions = functions
        self.failed = False


Parts = tuple[Callable[[], _State], list[Callable[[_State], None]], Callable[[_State], bool]]


def parts(program: Program, *, mute: bool) -> Parts:
    """Cut a scenario into (setup, workers, invariant), as frontrun wants it.

    The workers are what the scenario gives to `together`; where the scenario's own thread takes
    part, it becomes a worker like the others.
    """
    make, holds = _SPECIAL.get(program.name) or (lambda: _captured(program), _holds)

    def worker(number: int) -> Callable[[_State], None]:
        def run(state: _State) -> None:
            try:
                state.functions[number]()
            except FINDINGS:
                state.failed = True

        return run

    def invariant(state: _State) -> bool:
        return mute or (not state.failed and holds(state.functions))

    return lambda: _State(make()), [worker(number) for number in range(len(make()))], invariant


def _captured(program: Program) -> list[Callable[[], object]]:
    def capture(*functions: Callable[[], object]) -> None:
        raise _CapturedError(functions)

    _let_together_be(capture)
    try:
        program.scenario()
    except _CapturedError as captured:
        return list(captured.functions)
    finally:
        _let_together_be(together)
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
    forks = [threading.Lock() for _ in range(seats)]
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
