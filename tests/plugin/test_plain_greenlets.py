"""Plain tests with greenlets of gevent: who waits for ever is told, and `guard` knows them."""

import re

import pytest

pytestmark = pytest.mark.slow

HEAD = """
    import gevent, gevent.event, gevent.lock, gevent.pool, gevent.queue
    import pytest

    def named(name, function, *args):
        greenlet = gevent.spawn(function, *args)
        greenlet.name = name
        return greenlet
"""
STUCK = """
    def read(queue):
        return queue.get()

    def test_queue():
        jobs = gevent.queue.Queue()
        reader = named("Ann", read, jobs)
        reader.join()

    def test_event():
        door = gevent.event.Event()
        door.wait()

    def test_locks():
        left, right = gevent.lock.RLock(), gevent.lock.RLock()

        def crosses(first, second):
            with first:
                gevent.sleep(0)
                second.acquire()

        gevent.joinall([named("Ann", crosses, left, right), named("Bob", crosses, right, left)])

    def test_the_next_one_runs():
        assert gevent.spawn(len, "abc").get() == 3
"""


def test_who_waits_for_ever_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(HEAD + STUCK)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=3, passed=1)
    parts = re.split(r"^_+ test_(\w+) _+$", result.stdout.str(), flags=re.MULTILINE)
    told = {name: " ".join(text.split()) for name, text in zip(parts[1::2], parts[2::2], strict=True)}
    assert "deadlock: main, Ann wait for ever" in told["queue"]
    assert "main waits in Greenlet.join on greenlet Ann at test_who" in told["queue"]
    assert "Ann waits in Queue.get on Queue `queue` at test_who_" in told["queue"]
    assert "one end marker for each consumer is missing" in told["queue"]
    assert "deadlock: main waits for ever tasks main waits in Event.wait on Event `door`" in told["event"]
    assert "main waits in gevent.joinall" in told["locks"]
    assert "Ann waits in RLock.acquire on RLock `second` held by Bob" in told["locks"]
    assert "Ann waits for Bob waits for Ann: take these in the same order everywhere" in told["locks"]
    assert result.stdout.str().count("LoopExit: This operation would block forever") == 3


GUARDED = """
    def fails():
        raise ZeroDivisionError("on purpose")

    def test_joins(guard):
        pool = gevent.pool.Pool(2)
        for _ in range(3):
            pool.spawn(gevent.sleep, 0.001)
        guard.join(pool, gevent.spawn(int), timeout=30)

    def test_raises_what_failed(guard):
        with pytest.raises(ZeroDivisionError, match="on purpose"):
            guard.join(gevent.spawn(fails))

    def test_raises_what_failed_in_a_pool(guard):
        pool = gevent.pool.Pool(2)
        pool.spawn(fails)
        with pytest.raises(ZeroDivisionError, match="on purpose"):
            guard.join(pool)

    def sleep_long():
        gevent.sleep(60)

    def test_stuck(guard):
        guard.join(named("Ann", sleep_long), timeout=0.05)

    def test_stuck_pool(guard):
        pool = gevent.pool.Pool(2)
        pool.start(named("Bob", sleep_long))
        guard.join(pool, timeout=0.05)

    def test_left(guard):
        named("Cleo", sleep_long)
        gevent.sleep(0)

    def test_nobody_is_left(guard):
        gevent.idle()
"""


def test_guard_knows_greenlets(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(HEAD + GUARDED)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=5, failed=2, errors=1)
    text = " ".join(result.stdout.str().split())
    assert "Ann had not ended after 0.05 s tasks Ann waits in gevent.sleep at test_guard" in text
    assert "Ann was killed" in text
    assert "Pool `pool` had not ended after 0.05 s tasks Bob waits in gevent.sleep" in text
    assert "who was left in the Pool `pool` was killed" in text
    assert "the test left behind: Cleo tasks Cleo waits in gevent.sleep" in text
    assert "note: Cleo was started at test_guard_knows_greenlets.py:" in text
