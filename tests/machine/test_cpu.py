"""What the system says of the CPU that a thread is on."""

import os
import threading

import pytest

from pytest_concurrency._machine.cpu import thread_cpu


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the platform cannot pin")
def test_the_cpu_of_a_thread_is_known() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        for cpu in allowed:
            os.sched_setaffinity(0, {cpu})
            assert thread_cpu(threading.get_native_id()) == cpu
    finally:
        os.sched_setaffinity(0, allowed)
    assert thread_cpu(0) is None
