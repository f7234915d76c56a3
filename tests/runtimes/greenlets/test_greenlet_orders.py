"""The usual order is that of gevent's own loops."""

import ast
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from runtimes.greenlets import greenlet_programs as programs

from pytest_concurrency import explore

LOOPS = ("libev-cext", "libev-cffi", "libuv")


def is_installed(loop: str) -> bool:
    code = "import gevent; gevent.get_hub()"
    return not subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "GEVENT_LOOP": loop}, capture_output=True, check=False
    ).returncode


@pytest.fixture(scope="module")
def real_orders() -> dict[str, list[str]]:
    """What each of the programs does, by the loop of C that ran it."""
    found = {}
    for loop in filter(is_installed, LOOPS):
        done = subprocess.run(
            [sys.executable, programs.__file__],
            env={**os.environ, "GEVENT_LOOP": loop},
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(programs.__file__).parent,
        )
        found[loop] = ast.literal_eval(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("program", programs.PROGRAMS, ids=lambda program: program.__name__)
def test_the_first_schedule_is_that_of_gevents_loops(
    program: Callable[[], object], real_orders: dict[str, list[str]]
) -> None:
    number = programs.PROGRAMS.index(program)
    assert "libev-cext" in real_orders
    for order in ("strict", "documented"):
        first = explore(program, order=order, schedules=1)
        assert dict.fromkeys(real_orders, next(iter(first.outcomes))) == {
            loop: each[number] for loop, each in real_orders.items()
        }


@pytest.mark.slow
@pytest.mark.parametrize("program", programs.PROGRAMS, ids=lambda program: program.__name__)
def test_any_order_fails_nowhere_by_itself(program: Callable[[], object]) -> None:
    verdict = explore(program, order="any", strategy="random", schedules=100)
    assert verdict.grade == "sampled", str(verdict)
