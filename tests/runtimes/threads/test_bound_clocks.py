"""Clocks that code has bound before a run are virtual in it, wherever the code comes from."""

import sched
import subprocess
import sys
import time
import timeit
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from controlled import value_of

from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import bound_clocks

SOURCE = """
import time
from time import monotonic, sleep as rest


def by_default(clock=time.monotonic, *, pause=time.sleep):
    began = clock()
    pause(1)
    return clock() - began


class Stopwatch:
    clock = time.perf_counter
    still = staticmethod(time.sleep)

    def __init__(self, wall=time.time):
        self.wall = wall

    def measure(self):
        began, wall = self.clock(), self.wall()
        self.still(2)
        return self.clock() - began, self.wall() - wall


def by_name():
    began = monotonic()
    rest(3)
    return monotonic() - began
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module that nobody watches."""
    module = ModuleType("installed_package")
    exec(compile(SOURCE, str(tmp_path / "installed_package.py"), "exec"), vars(module))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    yield module
    assert module.monotonic is real.monotonic
    assert module.by_default.__defaults__ == (real.monotonic,)
    assert module.by_default.__kwdefaults__ == {"pause": real.sleep}
    assert vars(module.Stopwatch)["clock"] is real.perf_counter
    assert module.Stopwatch.still is real.sleep


def test_timeit_measures_virtual_time() -> None:
    assert value_of(lambda: timeit.timeit(lambda: time.sleep(3), number=1)) == 3.0


def test_a_scheduler_of_the_library_waits_in_virtual_time() -> None:
    def scenario() -> list[float]:
        began, rang = time.monotonic(), list[float]()
        clock = sched.scheduler()
        clock.enter(3600, 1, lambda: rang.append(time.monotonic() - began))
        clock.run()
        return rang

    assert value_of(scenario) == [3600.0]


def test_names_of_installed_code(installed: ModuleType) -> None:
    assert value_of(installed.by_name) == 3.0


def test_defaults_of_functions(installed: ModuleType) -> None:
    assert value_of(installed.by_default) == 1.0


def test_attributes_of_classes_and_defaults_of_methods(installed: ModuleType) -> None:
    assert value_of(lambda: installed.Stopwatch().measure()) == (2.0, 2.0)


def test_a_name_that_is_bound_to_something_else_by_now_stays(installed: ModuleType) -> None:
    value_of(installed.by_name)
    other = vars(installed)["rest"] = real.allocate_lock
    value_of(lambda: None)
    assert installed.rest is other


def test_who_measures_waits_for_the_world_keeps_the_real_clock() -> None:
    assert "subprocess" in bound_clocks.REAL
    assert value_of(lambda: vars(subprocess)["_time"]) is real.monotonic


class Lazy:
    """As a library's settings are that nobody has configured: to ask it anything is an error."""

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError(f"not configured, and asked for {name}")


def test_an_object_that_runs_code_when_it_is_asked_is_not_asked(installed: ModuleType) -> None:
    vars(installed)["settings"] = Lazy()
    installed.Stopwatch.settings = Lazy()
    assert value_of(installed.by_name) == 3
