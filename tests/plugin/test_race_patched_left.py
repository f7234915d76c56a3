"""What is ours has the originals in a patched child, too, and leaves nothing there, nor where it is forked."""

import re

import pytest

pytestmark = pytest.mark.slow

TIMED_OUT = """
import os, socket, sys, threading
import pytest

counted = []

def is_of_gevent(value):
    module = getattr(value, "__module__", None)
    return isinstance(module, str) and module.startswith("gevent")

@pytest.mark.race(patched="gevent")
def test_silent():
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(60)
        with pytest.raises(TimeoutError):
            here.recv(1)
    counted.append(len(os.listdir("/proc/self/fd")))
    assert counted[-1] == counted[0]
    ours = [module for name, module in sys.modules.items() if name.startswith("pytest_concurrency.")]
    assert len(ours) > 100
    assert not [(each.__name__, name) for each in ours for name, value in vars(each).items() if is_of_gevent(value)]

@pytest.mark.parametrize("number", range(3))
@pytest.mark.race(patched="gevent", schedules=1)
def test_born(number):
    assert threading.enumerate() == [threading.main_thread()]
    print("born with", len(os.listdir("/proc/self/fd")))
"""


def test_nothing_of_gevents_is_kept_and_no_descriptor_is_left(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=TIMED_OUT)
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-v", "-rP", timeout=120)
    result.assert_outcomes(passed=4)
    born = re.findall(r"born with \d+", result.stdout.str())
    assert len(born) >= 3
    assert len(set(born)) == 1
