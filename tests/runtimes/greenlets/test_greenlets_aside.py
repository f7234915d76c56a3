"""A lock that another greenlet of the same thread has taken: its cause is no RLock, which both would have at once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from pytest_concurrency import Grade, explore

greenlet: Any = pytest.importorskip("greenlet")
pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
ASIDE = "main waits for what another greenlet of its own thread holds, which cannot go on meanwhile"


def told(scenario: Callable[[], None]) -> str:
    verdict = explore(scenario)
    assert verdict.grade is Grade.FAILED
    return " ".join(str(verdict.error).split())


def test_one_that_is_left_in_a_with_is_to_blame() -> None:
    def scenario() -> None:
        door, main = threading.Lock(), greenlet.getcurrent()

        def enters() -> None:
            with door:
                main.switch()

        left = [greenlet.greenlet(enters) for _ in range(2)]
        for each in left:
            each.switch()

    text = told(scenario)
    assert ASIDE in text
    assert "RLock" not in text


def test_one_that_has_taken_it_by_its_name_is_to_blame() -> None:
    def scenario() -> None:
        door, main = threading.Lock(), greenlet.getcurrent()

        def enters() -> None:
            door.acquire()
            main.switch()
            door.release()

        left = greenlet.greenlet(enters)
        left.switch()
        door.acquire()

    assert ASIDE in told(scenario)


def test_who_has_taken_it_before_has_the_cause_of_a_thread() -> None:
    def scenario() -> None:
        door, main = threading.Lock(), greenlet.getcurrent()
        left = greenlet.greenlet(main.switch)
        left.switch()
        door.acquire()
        door.acquire()

    text = told(scenario)
    assert "use an RLock" in text
    assert ASIDE not in text


def test_in_a_plain_test_it_is_told_likewise(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_plain="""
        import threading
        import greenlet

        def test_it():
            door, main = threading.Lock(), greenlet.getcurrent()

            def enters():
                with door:
                    main.switch()

            left = greenlet.greenlet(enters)
            left.switch()
            with door:
                pass
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    text = " ".join(result.stdout.str().split())
    assert "taken at test_plain.py:8 with door: at test_plain.py:13 with door:" in text
    assert ASIDE in text
