"""Threads in a run: real ones, one at a time, which read as ended when it is over."""

import _thread
import concurrent.futures.thread
import multiprocessing
import multiprocessing.pool
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from controlled import failed, outcomes, run, value_of
from programs.program import together

from pytest_concurrency import Grade, explore
from pytest_concurrency._machine import real


def test_a_thread_is_a_real_one_with_a_name_and_an_ident() -> None:
    def scenario() -> None:
        seen: list[Any] = []
        thread = threading.Thread(target=lambda: seen.append(threading.current_thread()))
        assert repr(thread).startswith("<Thread(Thread-1 (<lambda>), initial)>")
        thread.start()
        assert thread.ident
        thread.join()
        assert seen == [thread]
        assert thread.native_id not in (None, threading.get_native_id())
        assert not thread.is_alive()

    value_of(scenario)
    value_of(scenario)  # and its number begins anew


def test_the_number_of_the_system_is_known_when_start_returns() -> None:
    def scenario() -> None:
        threads = [threading.Thread(target=int) for _ in range(20)]
        assert [each.native_id for each in threads] == [None] * 20
        for each in threads:
            each.start()
            assert each.native_id is not None
        for each in threads:
            each.join()

    for _ in range(5):  # the system decides how soon a thread comes to tell
        value_of(scenario)


def test_a_thread_of_an_earlier_run_is_dead_and_can_be_joined() -> None:
    kept: list[threading.Thread] = []

    def scenario() -> None:
        dead = [each for each in kept if not each.is_alive()]
        for each in dead:
            each.join()
            each.join(1)
        assert dead == kept
        kept[:] = [threading.Thread(target=time.sleep, args=(1000,), daemon=True) for _ in range(3)]
        for each in kept:
            each.start()

    for strategy in ("auto", "dpor"):
        verdict = explore(scenario, strategy=strategy, schedules=10)
        assert verdict.error is None, str(verdict)


def test_numbers_of_threads_go_on_after_a_run_as_before() -> None:
    first = threading.Thread()
    run(lambda: [threading.Thread() for _ in range(10)])
    second = threading.Thread()
    assert int(second.name.rpartition("-")[2]) == int(first.name.rpartition("-")[2]) + 1


def test_only_one_task_runs_at_a_time() -> None:
    inside, most = [0], [0]

    def scenario() -> None:
        def work() -> None:
            for _ in range(5):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                real.sleep(0)  # lets go of the interpreter, and of no baton
                inside[0] -= 1

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    run(scenario, observe=False)
    assert most == [1]


def test_every_task_is_a_fresh_thread_with_its_own_locals() -> None:
    mine = threading.local()

    def scenario() -> list[bool]:
        seen = []

        def work() -> None:
            seen.append(hasattr(mine, "x"))
            mine.x = 1

        for _ in range(3):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        return seen

    assert value_of(scenario) == [False, False, False]


def test_misuse_is_refused_as_by_the_real_thread() -> None:
    class NotInitialised(threading.Thread):
        def __init__(self) -> None:
            pass

    def scenario() -> None:
        thread = threading.Thread(target=int)
        with pytest.raises(RuntimeError, match="cannot join thread before it is started"):
            thread.join()
        thread.start()
        with pytest.raises(RuntimeError, match="threads can only be started once"):
            thread.start()
        thread.join()
        with pytest.raises(RuntimeError, match="threads can only be started once"):
            thread.start()
        with pytest.raises(RuntimeError, match=r"thread\.__init__\(\) not called"):
            NotInitialised().start()
        with pytest.raises(RuntimeError, match=r"Thread\.__init__\(\) not called"):
            NotInitialised().join()
        with pytest.raises(RuntimeError, match="cannot join current thread"):
            threading.current_thread().join()

    value_of(scenario)


def test_a_thread_cannot_join_itself() -> None:
    def scenario() -> str:
        said: list[str] = []

        def work() -> None:
            try:
                threading.current_thread().join()
            except RuntimeError as error:
                said.append(str(error))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return said[0]

    assert value_of(scenario) == "cannot join current thread"


def test_join_with_a_limit_and_is_alive() -> None:
    def scenario() -> list[Any]:
        thread = threading.Thread(target=time.sleep, args=(10,))
        seen: list[Any] = [thread.is_alive()]
        thread.start()
        began = time.monotonic()
        seen.append(thread.is_alive())
        thread.join(0)
        seen.append((thread.is_alive(), time.monotonic() - began))
        thread.join(4)
        seen.append((thread.is_alive(), time.monotonic() - began))
        thread.join(100)
        seen.append((thread.is_alive(), time.monotonic() - began))
        thread.join()
        return seen

    assert value_of(scenario) == [False, True, (True, 0), (True, 4), (False, 10)]


def test_after_a_run_every_thread_of_it_reads_as_ended() -> None:
    kept: list[threading.Thread] = []

    def scenario() -> None:
        kept.append(threading.Thread(target=int))
        kept.append(threading.Thread(target=threading.Event().wait, daemon=True))
        kept.append(threading.Thread(target=time.sleep, args=(5,)))
        for thread in kept:
            thread.start()

    before = threading.active_count()
    value_of(scenario)
    assert threading.active_count() == before
    for thread in kept:
        assert not thread.is_alive()
        assert repr(thread).partition(", ")[2].startswith(("stopped", "daemon stopped", "stopped daemon"))
        thread.join()
        thread.join(1)


def test_daemons_are_unwound_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    said: list[Any] = []
    cleaned: list[str] = []

    def scenario() -> None:
        def serve() -> None:
            try:
                threading.Event().wait()
            except Exception:
                said.append("swallowed")
            finally:
                cleaned.append("cleaned up")

        threading.Thread(target=serve, daemon=True).start()
        time.sleep(1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading, "excepthook", said.append)
        patch.setattr(sys, "unraisablehook", said.append)
        record = run(scenario)
    assert not record.failed
    assert said == []
    assert cleaned == ["cleaned up"]
    assert capfd.readouterr() == ("", "")


def test_non_daemons_run_on_to_their_end() -> None:
    log: list[str] = []

    def scenario() -> None:
        def work() -> None:
            time.sleep(10)
            log.append("done")

        threading.Thread(target=work).start()

    assert not run(scenario).failed
    assert log == ["done"]


def test_who_is_left_blocked_for_ever_is_a_deadlock() -> None:
    def scenario() -> None:
        door = threading.Event()
        threading.Thread(target=door.wait).start()

    verdict = failed(scenario)
    assert str(verdict).splitlines()[0] == "deadlock: Thread-1 (wait) waits for ever"


def test_a_deadlock_of_some_is_found_while_others_go_on_for_long() -> None:
    def scenario() -> None:
        door = threading.Event()
        threading.Thread(target=door.wait).start()
        time.sleep(100)

    assert failed(scenario).grade is Grade.FAILED


def test_the_low_level_start_gives_a_task_too() -> None:
    def scenario() -> list[str]:
        log: list[str] = []
        done = threading.Lock()
        done.acquire()

        def work(name: str, *, end: str) -> None:
            time.sleep(5)
            log.append(name + end)
            done.release()

        ident = _thread.start_new_thread(work, ("a",), {"end": "!"})
        assert isinstance(ident, int)
        done.acquire()
        return [*log, str(time.monotonic() % 1000)]

    assert value_of(scenario) == ["a!", "5.0"]


def test_a_task_that_fails_is_named_with_its_error() -> None:
    def scenario() -> None:
        threading.Thread(target=lambda: dict[str, int]()["key"], name="worker").start()

    verdict = failed(scenario)
    assert str(verdict).splitlines()[0] == "worker raised KeyError: 'key'"
    assert verdict.error is not None
    assert type(verdict.error.__cause__) is KeyError


def test_several_tasks_that_fail_are_a_group() -> None:
    def fail(error: Exception) -> None:
        raise error

    def scenario() -> None:
        for number in range(3):
            threading.Thread(target=fail, args=(ValueError(number),)).start()

    verdict = failed(scenario)
    assert verdict.error is not None
    group = verdict.error.__cause__
    assert isinstance(group, ExceptionGroup)
    assert group.message == "several tasks failed"
    assert [each.args for each in group.exceptions] == [(0,), (1,), (2,)]
    lines = str(verdict).splitlines()
    assert lines[0] == "Thread-1 (fail) and 2 more raised ValueError: 0"
    assert lines[1] == "  ExceptionGroup: several tasks failed (3 sub-exceptions)"
    assert "    + ValueError: 2" in lines


def test_system_exit_ends_a_thread_and_nothing_else() -> None:
    def scenario() -> None:
        thread = threading.Thread(target=sys.exit, args=(3,))
        thread.start()
        thread.join()

    assert not run(scenario).failed


def test_an_excepthook_of_the_scenario_gets_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def scenario() -> list[str]:
        seen: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(threading, "excepthook", lambda args: seen.append(args.exc_type.__name__))
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
        return seen

    assert value_of(scenario) == ["ZeroDivisionError"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process")
def test_fork_is_refused_in_one_line() -> None:
    text = "os.fork must be called outside a controlled run, got a call from task 'main'"
    with pytest.raises(RuntimeError, match=text) as caught:
        value_of(lambda: os.fork())  # looked up inside: the name is what is replaced
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith("; start processes with spawn, or test with race.stress")
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)


def test_executor() -> None:
    def scenario() -> list[int]:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(pow, n, 2) for n in range(3)]
            assert concurrent.futures.wait(futures, timeout=60).done == set(futures)
            done = sorted(future.result() for future in concurrent.futures.as_completed(futures))
            assert list(pool.map(abs, [-1, -2])) == [1, 2]
        return done

    assert value_of(scenario) == [0, 1, 4]


def test_an_executor_that_is_not_shut_down_ends_with_the_run() -> None:
    def scenario() -> int:
        pool = concurrent.futures.ThreadPoolExecutor(2)
        return pool.submit(int, "3").result()

    before = threading.active_count()
    verdict = explore(scenario, schedules=100)
    assert verdict.grade in (Grade.PROVED, Grade.SAMPLED), str(verdict)
    assert threading.active_count() == before
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        assert pool.submit(int, "4").result() == 4


def test_an_executors_error_is_in_its_future_only() -> None:
    def scenario() -> str:
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            return type(pool.submit(int, "x").exception()).__name__

    assert value_of(scenario) == "ValueError"


@pytest.mark.parametrize("expected", [4, 5], ids=["passes", "fails"])
def test_an_older_executor_begins_anew_in_each_run_and_works_afterwards(expected: int) -> None:
    pool = concurrent.futures.ThreadPoolExecutor(2)

    def scenario() -> None:
        assert sum(pool.map(abs, [-1, -3])) == expected

    verdict = explore(scenario, watch=[__name__], seconds=10)
    assert verdict.grade is (Grade.FAILED if expected == 5 else Grade.SAMPLED), str(verdict)
    assert "note:" not in str(verdict)
    assert pool.submit(int, "6").result(timeout=10) == 6
    verdict = explore(scenario, watch=[__name__], seconds=10, schedules=3)  # it has a thread outside of runs now
    assert verdict.grade is not Grade.PROVED
    pool.shutdown()
    assert threading.active_count() == 1


def test_an_older_executor_with_threads_of_its_own_works_in_the_run_all_the_same() -> None:
    idle, busy = concurrent.futures.ThreadPoolExecutor(2), concurrent.futures.ThreadPoolExecutor(1)
    names = {idle.submit(lambda: threading.current_thread()).result(), *idle._threads}
    end = threading.Event()
    before = busy.submit(end.wait)
    runs: list[int] = []

    def scenario() -> tuple[str, int]:
        runs.append(1)
        if len(runs) == 3:  # a thread of before comes to the end of its work in the midst of a run
            end.set()
            real.sleep(0.2)
        assert idle.submit(threading.current_thread).result(timeout=30) not in names
        slept = idle.submit(time.sleep, 20)
        with pytest.raises(concurrent.futures.TimeoutError):
            slept.result(timeout=10)
        slept.result(timeout=30)
        return idle.submit(str, 3).result(timeout=30), busy.submit(int, "7").result(timeout=30)

    verdict = explore(scenario, schedules=20, watch=[__name__])
    assert set(verdict.outcomes) == {"('3', 7)"}, str(verdict)
    assert before.result(timeout=10)
    for pool, threads in ((idle, names), (busy, busy._threads)):
        assert pool.submit(threading.current_thread).result(timeout=10) in threads
        pool.shutdown()
    assert threading.active_count() == 1


def test_an_older_executor_with_threads_that_a_scenario_shuts_down_is_shut_down() -> None:
    pool = concurrent.futures.ThreadPoolExecutor(2)
    pool.submit(int).result()
    threads = set(pool._threads)

    def scenario() -> None:
        with pool:
            assert pool.submit(int, "3").result() == 3

    verdict = explore(scenario, schedules=1)
    assert verdict.grade is Grade.SAMPLED, str(verdict)
    for each in threads:
        each.join(10)
    assert not any(each.is_alive() for each in threads)
    with pytest.raises(RuntimeError, match="cannot schedule new futures after shutdown"):
        pool.submit(int, "4")


def test_an_executor_that_the_scenario_has_shut_down_stays_so() -> None:
    pools: list[concurrent.futures.ThreadPoolExecutor] = []

    def scenario() -> None:
        pools.append(concurrent.futures.ThreadPoolExecutor(1))
        with pools[-1] as pool:
            assert pool.submit(int, "3").result() == len(pools)

    failed(scenario)
    for pool in pools:
        with pytest.raises(RuntimeError, match="cannot schedule new futures after shutdown"):
            pool.submit(int, "4")


def test_a_thread_of_an_earlier_run_cannot_be_started_again() -> None:
    threads: list[threading.Thread] = []

    def scenario() -> None:
        if not threads:
            threads.append(threading.Thread(target=int))
        threads[0].start()
        threads[0].join()

    verdict = failed(scenario)
    assert str(verdict).splitlines()[0] == (
        "main raised RuntimeError: a thread must be made inside the scenario, "
        "got 'Thread-1 (int)' that ended with an earlier schedule"
    )


def test_thread_pool_of_multiprocessing() -> None:
    """Its pipe is out of our control, and nothing else of it."""

    def scenario() -> list[int]:
        with multiprocessing.pool.ThreadPool(2) as pool:
            return pool.map(abs, [-1, -2, -3])

    assert run(scenario).value == [1, 2, 3]


def test_a_poll_of_a_pipe_ends_in_a_run() -> None:
    def scenario() -> list[bool]:
        first, second = multiprocessing.Pipe()
        with first, second:
            seen = [first.poll(), first.poll(0.001)]
            second.send("x")
            return [*seen, first.poll(), first.poll(10)]

    assert value_of(scenario) == [False, False, True, True]


def test_the_order_of_begin_is_explored() -> None:
    def scenario() -> str:
        log: list[str] = []
        threads = [threading.Thread(target=log.append, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return "".join(log)

    assert len(outcomes(scenario)) == 6


def test_a_thread_started_outside_can_be_joined_inside_and_is_uncontrolled() -> None:
    go = real.allocate_lock()
    go.acquire()
    thread = threading.Thread(target=go.acquire, name="old")
    thread.start()

    def scenario() -> None:
        if go.locked():
            go.release()
        thread.join()

    record = run(scenario)
    assert record.uncontrolled in ([], [("main", "thread old, started outside the run")])
    assert not thread.is_alive()


def test_tracers_of_threading_settrace_still_work() -> None:
    seen: list[str] = []

    def tracer(frame: Any, event: str, arg: object) -> Callable[..., Any] | None:
        if frame.f_code.co_name == "traced":
            seen.append(event)
        return tracer

    def traced() -> None:
        seen.append("body")

    def scenario() -> None:
        thread = threading.Thread(target=traced)
        thread.start()
        thread.join()

    before = threading.gettrace()
    threading.settrace(tracer)
    try:
        run(scenario)
    finally:
        threading.settrace(before)
    assert [each for each in seen if each in ("call", "body", "return")] == ["call", "body", "return"]


def test_a_thread_is_given_its_ident_between_two_looks_at_it() -> None:
    def scenario() -> tuple[bool, bool]:
        thread = threading.Thread(target=time.sleep, args=(5,))
        seen: list[tuple[bool, bool]] = []

        def look() -> None:
            is_alive = thread.is_alive()
            seen.append((is_alive, thread.ident is not None))

        together(thread.start, look)
        return seen[0]

    verdict = explore(scenario, strategy="dpor", stop_on_failure=False)
    assert set(verdict.outcomes) == {"(False, False)", "(False, True)", "(True, True)"}
