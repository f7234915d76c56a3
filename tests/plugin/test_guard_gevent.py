"""The fixture `guard` over greenlets of gevent."""

import re

import pytest

pytestmark = pytest.mark.slow

HEAD = """
import threading, time
import gevent, gevent.pool
import pytest
from pytest_concurrency import StuckFound

class Own(BaseException):
    pass

def fails(error=ZeroDivisionError("on purpose")):
    raise error

def sleeps():
    gevent.sleep(60)
"""


def run(pytester: pytest.Pytester, program: str) -> tuple[pytest.RunResult, dict[str, str]]:
    pytester.makepyfile(HEAD + program)
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:cacheprovider", timeout=90)
    parts = re.split(r"^_+ (?:ERROR at teardown of )?test_(\w+) _+$", result.stdout.str(), flags=re.MULTILINE)
    return result, {name: " ".join(text.split()) for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def test_what_ends_well_or_was_looked_at_is_no_error(pytester: pytest.Pytester) -> None:
    result, _ = run(
        pytester,
        """
def test_results_and_names(guard):
    ended, named = guard.gevent(divmod, 7, 2), guard.gevent(dict, name="Ann", a=1)
    guard.join(ended, named, timeout=20)
    guard.join(ended, timeout=0)
    assert (ended.get(), named.get()) == ((3, 1), {"a": 1})
    assert [ended.name, named.name] == ["divmod", "Ann"]
    assert [guard.gevent(int).name for _ in range(3)] == ["int", "int-2", "int-3"]
    assert repr(ended).startswith('<Greenlet "divmod" at ')

def test_killed_on_purpose(guard):
    begun, not_begun = guard.gevent(sleeps), guard.gevent(sleeps)
    gevent.sleep(0)
    begun.kill()
    guard.join(begun)
    guard.gevent(sleeps).kill()
    guard.join(guard.gevent(fails, gevent.GreenletExit()), not_begun.kill() or not_begun)

def test_looked_at(guard):
    with pytest.raises(ZeroDivisionError) as caught:
        guard.gevent(fails).get()
    assert caught.traceback[-1].name == "fails"
    failed = guard.gevent(fails, Own())
    for _ in range(2):
        with pytest.raises(Own):
            guard.join(failed)
    seen = guard.gevent(fails)
    gevent.joinall([seen])
    assert isinstance(seen.exception, ZeroDivisionError)

def test_raised_in_the_main_greenlet(guard):
    with pytest.raises(SystemExit):
        guard.join(guard.gevent(fails, SystemExit()))
    guard.gevent(fails, SystemExit())
    with pytest.raises(SystemExit):
        gevent.sleep(1)

def test_ends_a_little_later(guard):
    guard.gevent(gevent.sleep, 0.05)

def test_thread_that_waits_for_a_greenlet(guard):
    door = threading.Event()
    guard.join(guard.spawn(door.wait), guard.gevent(door.set), timeout=20)

def test_joined_in_a_greenlet(guard):
    def outer():
        guard.join(guard.gevent(fails))
    with pytest.raises(ZeroDivisionError):
        guard.join(guard.gevent(outer))

def test_misuse(guard):
    with pytest.raises(TypeError, match="guard.gevent takes a function, got 5"):
        guard.gevent(5)
""",
    )
    result.assert_outcomes(passed=8)


def test_what_failed_hangs_or_is_left_is_told(pytester: pytest.Pytester) -> None:
    result, told = run(
        pytester,
        """
def test_nobody_has_looked(guard):
    guard.gevent(fails)
    gevent.sleep(0)

def test_nobody_has_looked_at_two(guard):
    guard.gevent(fails)
    guard.gevent(fails, Own("one of my own"))
    gevent.sleep(0)

def test_fails_when_the_test_has_ended(guard, tmp_path):
    def later():
        gevent.sleep(0.02)
        fails(Own("later"))
    guard.gevent(later)

def test_fixtures_go_on(tmp_path):
    assert tmp_path.name.startswith("test_fixtures_go_on")

def test_stuck(guard):
    guard.join(guard.gevent(fails), guard.gevent(sleeps, name="Ann"), guard.gevent(sleeps), timeout=0.05)

def test_no_time(guard):
    guard.join(guard.gevent(sleeps), timeout=0)

def test_never_started(guard):
    guard.join(gevent.Greenlet(sleeps), timeout=0.01)

def test_left(guard):
    guard.gevent(sleeps, name="Cleo")

def test_pool(guard):
    crew = gevent.pool.Pool(2)
    crew.spawn(int)
    crew.start(named := gevent.Greenlet(sleeps))
    named.name = "Bob"
    guard.join(crew, timeout=0.05)

def test_pool_in_which_somebody_starts_others(guard):
    crew = gevent.pool.Pool(3)
    def first():
        for word in ("one", "two"):
            crew.spawn(fails, KeyError(word))
            gevent.sleep(0)
    crew.spawn(first)
    guard.join(crew, timeout=20)
""",
    )
    result.assert_outcomes(passed=3, failed=7, errors=2)
    assert "ZeroDivisionError: on purpose" in told["nobody_has_looked"]
    both = told["nobody_has_looked_at_two"]
    assert "BaseExceptionGroup: several threads failed (2 sub-exceptions)" in both
    assert "Own: one of my own" in both
    late = told["fails_when_the_test_has_ended"]
    assert "Own: later" in late
    assert "RuntimeError: Own was raised: later" in late
    assert "several workers failed (2 sub-exceptions)" in told["stuck"]
    assert "StuckFound: Ann, sleeps had not ended after 0.05 s" in told["stuck"]
    assert "note: Ann was made at test_what_failed" in told["stuck"].replace("| ", "")
    assert "sleeps had not ended after 0 s tasks sleeps waits in gevent.sleep" in told["no_time"]
    assert "has not begun note: Greenlet-" in told["never_started"]
    assert "the test left behind: Cleo tasks Cleo waits in gevent.sleep" in told["left"]
    assert "note: Cleo was started at test_what_failed_hangs_or_is_left_is_told.py:" in told["left"]
    assert "note: Cleo was killed" in told["left"]
    assert "Pool `crew` had not ended after 0.05 s tasks Bob waits in gevent.sleep" in told["pool"]
    assert "note: Pool `crew` was made at test_what_failed" in told["pool"]
    assert "who was left in the Pool `crew` was killed" in told["pool"]
    others = told["pool_in_which_somebody_starts_others"]
    assert "several workers failed (2 sub-exceptions)" in others
    assert "KeyError: 'one'" in others
    assert "KeyError: 'two'" in others


def test_in_a_scenario(pytester: pytest.Pytester) -> None:
    result, told = run(
        pytester,
        """
def test_explored(race, guard):
    def scenario():
        began = time.monotonic()
        with pytest.raises(StuckFound, match="sleeps, sleeps-2 had not ended after 10 s of virtual time"):
            guard.join(*(waited := [guard.gevent(sleeps), guard.gevent(sleeps)]), timeout=10)
        guard.join(guard.spawn(time.sleep, 5), *waited, timeout=51)
        assert time.monotonic() - began == 60
        crew = gevent.pool.Pool(2)
        crew.spawn(sleeps)
        crew.spawn(sleeps)
        guard.join(crew, timeout=61)
        with pytest.raises(Own):
            guard.join(guard.gevent(fails, Own()))
        guard.gevent(sleeps).kill()
    race.explore(scenario, schedules=20)

def test_stopped_before_they_begin(race, guard):
    def scenario():
        guard.gevent(sleeps)
        raise KeyError("at once")
    with pytest.raises(AssertionError, match="KeyError"):
        race.explore(scenario)

def test_ended_with_their_schedule(race, guard):
    def scenario():
        guard.gevent(sleeps)
        gevent.sleep(1)
    race.explore(scenario)

def test_pool_is_stuck(race, guard):
    def scenario():
        crew = gevent.pool.Pool(3)
        for name in "abc":
            crew.start(each := gevent.Greenlet(sleeps))
            each.name = name
        guard.join(crew, timeout=10)
    race.explore(scenario)

@pytest.mark.race
def test_nobody_has_looked(guard):
    guard.gevent(fails)
    gevent.sleep(0)

@pytest.mark.race(patched="gevent")
def test_patched(guard):
    guard.join(guard.gevent(time.sleep, 3), guard.spawn(time.sleep, 3), timeout=5)
""",
    )
    result.assert_outcomes(passed=4, failed=2)
    stuck = told["pool_is_stuck"]
    assert "Pool `crew` had not ended after 10 s of virtual time" in stuck
    assert "tasks a waits in gevent.sleep" in stuck
    assert "a second run" not in stuck
    assert "main raised ZeroDivisionError: on purpose" in told["nobody_has_looked"]


def test_a_session_without_greenlets_does_not_load_gevent(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys
        import pytest

        def test_join(guard):
            guard.join(guard.spawn(int))
            with pytest.raises(TypeError, match="guard.join takes"):
                guard.join(5)

        def test_not_loaded(guard):
            assert not {name for name in sys.modules if name.partition(".")[0] in ("gevent", "greenlet")}
            assert "pytest_concurrency._runtimes.greenlets.joining" not in sys.modules

        def test_loaded_by_it(guard):
            def sleeps():
                import gevent
                gevent.sleep(60)
            guard.gevent(sleeps, name="Ann")

        def test_missing(guard, monkeypatch):
            monkeypatch.setitem(sys.modules, "gevent", None)
            with pytest.raises(RuntimeError, match="guard.gevent must find gevent, got .*; pip install gevent"):
                guard.gevent(int)
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:cacheprovider", timeout=60)
    result.assert_outcomes(passed=4, errors=1)
    result.stdout.fnmatch_lines("the test left behind: Ann")
