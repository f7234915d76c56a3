import queue

from hypothesis import strategies as st

from pytest_concurrency.hypothesis import programs


def test_queue(race):
    race.linearizable(queue.Queue, programs({"put": st.integers(0, 9), "get": ()}, threads=3))
