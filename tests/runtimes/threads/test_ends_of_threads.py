"""A thread ends as the system's own does: what it was left to keep goes before it is joined, in its turn."""

import ctypes
import sys
import threading
from collections.abc import Callable
from contextvars import ContextVar
from types import FrameType
from typing import Any

import pytest

from pytest_concurrency import Grade, explore
from pytest_concurrency._machine.private import HAS_CONTEXT
from pytest_concurrency._runtimes.threads.serving.keepers import Keepers
from pytest_concurrency._runtimes.threads.serving.workers import Worker

mine = threading.local()
told: ContextVar[object] = ContextVar("told")


@pytest.fixture(autouse=True)
def used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let threads serve one task after the other, whatever other tests have loaded."""
    monkeypatch.setattr(Keepers, "are_there", lambda _: False)


class Goes:
    """Calls something when it goes."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call = call

    def __del__(self) -> None:
        self.call()


class Bare:
    """Calls something when it goes, and nothing can refer to it weakly: a run that has numbered it holds it."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[[], object]) -> None:
        self.call = call

    def __del__(self) -> None:
        self.call()


def keep_for_the_thread(goes: Goes | Bare) -> None:
    mine.goes = goes


def keep_in_the_context(goes: Goes | Bare) -> None:
    told.set(goes)


def run(*targets: Callable[[], object]) -> None:
    threads = [threading.Thread(target=target) for target in targets]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


CONTEXT = pytest.param(keep_in_the_context, marks=pytest.mark.skipif(HAS_CONTEXT, reason="it is the `Thread` object's"))
KEEP = pytest.mark.parametrize("keep", [keep_for_the_thread, CONTEXT])


@KEEP
@pytest.mark.parametrize("kind", [Goes, Bare])
def test_what_it_keeps_goes_in_it_before_it_is_joined(keep: Callable[[Goes], None], kind: type[Goes]) -> None:
    def scenario() -> list[str]:
        order: list[str] = []
        begun: list[int] = []

        def work() -> None:
            begun.append(threading.get_ident())
            keep(kind(lambda: order.append("gone" if threading.get_ident() in begun else "gone elsewhere")))

        run(work)
        order.append("joined")
        return order

    assert list(explore(scenario).outcomes) == ["['gone', 'joined']"]


@KEEP
def test_each_order_of_that_and_of_what_others_do_is_seen(keep: Callable[[Goes], None]) -> None:
    def scenario() -> list[str]:
        order: list[str] = []
        lock = threading.Lock()

        def note(what: str) -> None:
            with lock:
                order.append(what)

        run(lambda: keep(Goes(lambda: note("gone"))), lambda: note("other"))
        return order

    verdict = explore(scenario, strategy="dpor")
    assert sorted(verdict.outcomes) == ["['gone', 'other']", "['other', 'gone']"]
    assert verdict.grade is Grade.PROVED, str(verdict)


@KEEP
def test_a_wait_in_it_is_the_thread_s(keep: Callable[[Goes], None]) -> None:
    def scenario() -> None:
        event = threading.Event()
        run(lambda: keep(Goes(event.wait)))
        event.set()

    verdict = explore(scenario)
    assert str(verdict).startswith("deadlock: main, Thread-1 (<lambda>) wait for ever"), str(verdict)


@KEEP
def test_it_may_start_a_thread_and_leave_something_again(keep: Callable[[Goes], None]) -> None:
    def scenario() -> list[str]:
        order: list[str] = []

        def again(times: int) -> None:
            run(lambda: order.append(str(times)))
            if times:
                keep(Goes(lambda: again(times - 1)))

        run(lambda: again(3))
        return order

    assert list(explore(scenario).outcomes) == ["['3', '2', '1', '0']"]


def test_it_goes_in_a_thread_that_is_nobody_s_any_more_and_in_its_context() -> None:
    def scenario() -> list[object]:
        seen: list[object] = []

        def look() -> None:
            seen.append(type(threading.current_thread()).__name__)
            seen.append(told.get(None))

        def work() -> None:
            told.set(7)
            keep_for_the_thread(Goes(look))

        run(work)
        assert threading.active_count() == before
        return seen

    before = threading.active_count()
    assert list(explore(scenario).outcomes) == [f"['_DummyThread', {None if HAS_CONTEXT else 7}]"]


def test_who_keeps_something_for_a_thread_leaves_it_as_new() -> None:
    natives: list[int] = []

    def work() -> None:
        natives.append(threading.get_native_id())
        mine.value = 1
        told.set(2)
        sys.set_asyncgen_hooks(firstiter=lambda _: None)

    explore(lambda: run(work), strategy="random", schedules=12, seconds=60)
    assert len(set(natives[1:])) == 1


def test_a_worker_that_is_struck_while_it_waits_goes_on() -> None:
    worker = Worker()
    done: list[str] = []

    def job() -> None:
        done.append("did")
        worker.rests()
        worker.ends()

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(worker.ident), ctypes.py_object(KeyError))
    worker.give(job)
    worker.baton.release()
    assert worker.ended.acquire(timeout=30)
    assert done == ["did"]


def sizes_of_stacks(sizes: tuple[int, ...]) -> list[int]:
    """Return how large the stack of a thread is for each size that is asked for."""
    system = ctypes.CDLL(None)
    me = system.pthread_self
    me.restype = ctypes.c_ulong
    found = []

    def ask() -> None:
        attributes, size = ctypes.create_string_buffer(256), ctypes.c_size_t()
        system.pthread_getattr_np(ctypes.c_ulong(me()), attributes)
        system.pthread_attr_getstacksize(attributes, ctypes.byref(size))
        system.pthread_attr_destroy(attributes)
        found.append(size.value)

    for size in sizes:
        before = threading.stack_size(size)
        run(ask)
        threading.stack_size(before)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="only there it can be asked")
def test_stacks_are_as_large_as_they_are_told_to_be() -> None:
    sizes = (1 << 20, 0, 64 << 20)  # so far apart that the C library gives no stack of one to another
    plain = sizes_of_stacks(sizes)
    assert plain[::2] == [1 << 20, 64 << 20]
    verdict = explore(lambda: sizes_of_stacks(sizes), strategy="random", schedules=5, seconds=60)
    assert list(verdict.outcomes) == [repr(plain)]


@pytest.mark.skipif(sys.platform != "linux", reason="only there it can be asked")
def test_one_that_is_to_serve_again_has_the_stack_of_the_first() -> None:
    before = threading.stack_size(0)
    try:

        def scenario() -> list[int]:
            threading.stack_size(0)
            found = sizes_of_stacks((0,))
            threading.stack_size(1 << 20)
            return found

        usual = sizes_of_stacks((0,))
        assert usual != [1 << 20]
        assert list(explore(scenario, strategy="random", schedules=5, seconds=60).outcomes) == [repr(usual)]
    finally:
        threading.stack_size(before)


def test_the_size_that_a_session_has_chosen_for_stacks_stays() -> None:
    before = threading.stack_size(1 << 20)
    try:
        explore(lambda: run(int), strategy="random", schedules=5, seconds=60)
    finally:
        after = threading.stack_size(before)
    assert after == 1 << 20


def depth() -> int:
    frame, deep = sys._getframe(1), 0
    while frame.f_back is not None:
        frame, deep = frame.f_back, deep + 1
    return deep


@pytest.mark.parametrize("schedules", [1, 10])
def test_a_task_is_as_deep_in_calls_as_any_thread(schedules: int) -> None:
    def scenario() -> list[int]:
        deep: list[int] = []
        run(lambda: deep.append(depth()), lambda: deep.append(depth()))
        return deep

    plain = scenario()
    assert list(explore(scenario, strategy="random", schedules=schedules, seconds=60).outcomes) == [repr(plain)]


@pytest.mark.skipif(not hasattr(__import__("signal"), "pthread_sigmask"), reason="this system has none")
def test_signals_are_blocked_as_for_whoever_starts_it() -> None:
    import signal

    def blocked() -> set[Any]:
        return signal.pthread_sigmask(signal.SIG_BLOCK, ())

    def scenario() -> list[bool]:
        seen: list[bool] = []
        run(lambda: seen.append(signal.SIGUSR2 in blocked()))
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGUSR2,))
        try:
            run(lambda: seen.append(signal.SIGUSR2 in blocked()))
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGUSR2,))
        return seen

    assert scenario() == [False, True]
    assert list(explore(scenario, strategy="random", schedules=10, seconds=60).outcomes) == ["[False, True]"]


def test_a_scenario_s_own_excepthook_hears_of_system_exit_too() -> None:
    def scenario() -> list[str]:
        heard: list[str] = []
        before = threading.excepthook
        threading.excepthook = lambda args: heard.append(args.exc_type.__name__)
        try:
            run(sys.exit)
        finally:
            threading.excepthook = before
        return heard

    assert scenario() == ["SystemExit"]
    assert list(explore(scenario).outcomes) == ["['SystemExit']"]


def test_system_exit_ends_a_thread_quietly() -> None:
    def ends() -> None:
        raise SystemExit

    assert explore(lambda: run(ends)).grade is Grade.PROVED


@pytest.mark.skipif(not hasattr(threading, "settrace_all_threads"), reason="before Python 3.12 nobody could")
@pytest.mark.parametrize("kind", ["trace", "profile"])
def test_what_traces_all_threads_that_there_are_traces_none_that_comes_later(kind: str) -> None:
    heard: list[str] = []

    def hear(frame: FrameType, event: str, arg: object) -> None:
        heard.append(frame.f_code.co_name)

    def body_of_the_thread() -> None:
        pass

    def scenario() -> None:
        getattr(threading, f"set{kind}_all_threads")(hear)
        getattr(threading, f"set{kind}")(None)
        getattr(sys, f"set{kind}")(None)
        run(body_of_the_thread)

    explore(scenario, strategy="random", schedules=10, seconds=60)
    assert "body_of_the_thread" not in heard
