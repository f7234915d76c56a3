"""What a patched child finds, in words: who has called what."""

import pytest

pytestmark = pytest.mark.slow

LINEAR = """
import time
import pytest

class Register:
    def __init__(self):
        self.last = 0
    def fresh(self):
        last = self.last
        time.sleep(1)
        self.last = last + 1
        return self.last

@pytest.mark.race(patched="gevent")
def test_register(race):
    race.linearizable(Register, [[("fresh",)], [("fresh",)]])
"""


def test_calls_have_the_names_of_their_threads(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(LINEAR)
    result = pytester.runpytest_subprocess(timeout=60)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["    A |---|    fresh() returns 1", "    B   |---|  fresh() returns 1"])
