import threading
import time

import pytest


def with_limit(function, seconds, stop):
    timer = threading.Timer(seconds, stop)
    timer.start()
    result = function()
    timer.cancel()
    return result


def test_a_call_that_fails_leaves_no_timer(timing):
    stopped = []
    with timing.virtual():  # takes no time
        with pytest.raises(ValueError, match="x"):
            with_limit(lambda: int("x"), 30, lambda: stopped.append("too late"))
        time.sleep(60)
    assert stopped == []
