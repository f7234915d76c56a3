"""Clocks that modules, classes and defaults hold under names of their own obey the run in a patched child, too."""

import pytest

pytestmark = pytest.mark.slow

BOUND = """
import sched, time
import pytest
from time import monotonic, sleep

patched = pytest.mark.race(patched="gevent")

class Oven:
    def __init__(self, clock=time.monotonic):
        self.clock = clock

    def bake(self, seconds):
        end = self.clock() + seconds
        while (left := end - self.clock()) > 0:
            sleep(left)

@patched
def test_name():
    began = monotonic()
    sleep(3600)
    assert 3600 <= monotonic() - began < 3601

@patched
def test_default():
    Oven().bake(3600)

@patched
def test_library():
    done = []
    jobs = sched.scheduler()
    for each in (3600, 60):
        jobs.enter(each, 1, done.append, (each,))
    jobs.run()
    assert done == [60, 3600]
"""


def test_bound_clocks_are_virtual(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=BOUND)
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-v", timeout=120)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines([f"test_it.py::test_{name}: proved: *" for name in ("name", "default", "library")])
