"""What each double answers about itself outside a run: who holds it, and whether it can still be had."""

import queue
import threading
from collections.abc import Callable
from typing import Any

import pytest

MAKERS: dict[str, Callable[[], Any]] = {
    "Lock": lambda: threading.Lock(),
    "RLock": lambda: threading.RLock(),
    "SimpleQueue": lambda: queue.SimpleQueue(),
}


def in_a_thread(function: Callable[[], Any]) -> Any:
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(function()), name="other")
    thread.start()
    thread.join()
    return answers[0]


@pytest.mark.parametrize(("kind", "method"), [("Lock", "acquire"), ("RLock", "acquire"), ("SimpleQueue", "get")])
def test_the_method_in_which_one_waits(kind: str, method: str) -> None:
    double = MAKERS[kind]()
    assert (double.waits_in, callable(getattr(double, method))) == (method, True)


@pytest.mark.parametrize("kind", ["Lock", "RLock"])
def test_who_holds_a_lock(kind: str) -> None:
    lock = MAKERS[kind]()
    assert lock.holder_now() is None
    with lock:
        assert lock.holder_now() == threading.get_ident()
    assert lock.holder_now() is None
    in_a_thread(lock.acquire)
    assert (lock.holder_now().name, lock.holder_now().has_ended) == ("other", True)


def test_nobody_holds_a_queue() -> None:
    double = MAKERS["SimpleQueue"]()
    double.put(1)
    assert double.holder_now() is None


@pytest.mark.parametrize(("kind", "own"), [("Lock", True), ("RLock", False)])
def test_whether_a_lock_can_still_be_had(kind: str, own: bool) -> None:  # noqa: FBT001
    lock = MAKERS[kind]()
    assert not lock.is_hopeless(own=True)
    with lock:
        assert lock.is_hopeless(own=False)
        assert lock.is_hopeless(own=True) is own  # a thread that has an RLock may take it again
        assert in_a_thread(lambda: lock.is_hopeless(own=True))
    assert not lock.is_hopeless(own=False)


def test_whether_an_item_can_still_be_had() -> None:
    double = MAKERS["SimpleQueue"]()
    assert double.is_hopeless(own=True)
    double.put(1)
    assert not double.is_hopeless(own=True)
