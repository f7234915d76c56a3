"""What an exploration with greenlets leaves: nothing; and what a scenario leaves of them is told."""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import gevent  # type: ignore[import-untyped]
import gevent.event  # type: ignore[import-untyped]
import gevent.hub  # type: ignore[import-untyped]
import gevent.lock  # type: ignore[import-untyped]
import gevent.monkey  # type: ignore[import-untyped]
import gevent.pool  # type: ignore[import-untyped]
import gevent.server  # type: ignore[import-untyped]
import gevent.socket  # type: ignore[import-untyped]
import gevent.subprocess  # type: ignore[import-untyped]
import greenlet  # type: ignore[import-untyped]
import pytest
from gevent._hub_local import get_hub_if_exists  # type: ignore[import-untyped]

from pytest_concurrency import Verdict, explore
from pytest_concurrency._engine.stage import Stage
from pytest_concurrency._runtimes.greenlets import telling


def told(verdict: Verdict) -> str:
    """Return a verdict as one line."""
    return " ".join(str(verdict).split())


def there(kind: type) -> int:
    gc.collect()
    return sum(isinstance(each, kind) for each in gc.get_objects())


def leaves_all_sorts() -> None:
    def waits() -> None:
        try:
            gevent.event.Event().wait()
        finally:
            gevent.sleep(0)

    gevent.spawn(waits)
    gevent.spawn_later(5, waits)
    gevent.Timeout(50).start()
    gevent.sleep(0)
    gevent.spawn(waits)


def deadlock() -> None:
    gate = gevent.lock.Semaphore(0)
    gevent.joinall([gevent.spawn(gate.acquire), gevent.spawn(gate.acquire)])


@pytest.mark.slow
@pytest.mark.parametrize("order", ["documented", "any"])
def test_nothing_is_left_of_a_thousand_schedules(order: str) -> None:
    hub = gevent.get_hub()
    own = gevent.spawn(gevent.sleep, 3600)  # the test's own, which nobody touches
    gevent.sleep(0)
    explore(leaves_all_sorts, schedules=10)
    before = [there(each) for each in (gevent.hub.Hub, greenlet.greenlet)]
    explore(leaves_all_sorts, schedules=1000, strategy="random", order=order, seconds=60)
    explore(deadlock, schedules=20, order=order)
    assert [there(each) for each in (gevent.hub.Hub, greenlet.greenlet)] == before
    assert gevent.get_hub() is hub
    assert type(hub.loop).__module__.startswith("gevent.")
    assert not own.ready()
    assert greenlet.gettrace() is None
    gevent.sleep(0.001)
    own.kill()


def test_the_hub_of_the_process_is_its_own_again_after_a_failure() -> None:
    hub = gevent.get_hub()
    verdict = explore(deadlock)
    assert verdict.grade == "failed"
    assert gevent.get_hub() is hub
    assert hub.loop_class is gevent.config.loop
    assert isinstance(gevent.spawn(len, "abc").get(), int)
    assert not gevent.monkey.is_module_patched("threading")


def test_an_exploration_without_greenlets_makes_no_hub() -> None:
    def plain() -> bool:
        return get_hub_if_exists() is None

    hub = gevent.get_hub()
    assert set(explore(plain).outcomes) == {"True"}
    assert gevent.get_hub() is hub


def test_no_tracer_is_told_of_what_lies_between_two_schedules(monkeypatch: pytest.MonkeyPatch) -> None:
    traced = []
    run = Stage.run

    def listened(stage: Stage, *args: Any, **settings: Any) -> Any:
        traced.append(sys.gettrace() is not before)
        return run(stage, *args, **settings)

    before = sys.gettrace()
    monkeypatch.setattr(Stage, "run", listened)
    explore(lambda: gevent.sleep(0), strategy="random", schedules=3)
    assert traced[1:] == [False, False]


def test_objects_of_the_module_can_be_used_in_every_schedule() -> None:
    door = gevent.event.Event()

    def opens() -> bool:
        door.clear()
        gevent.spawn(door.set)
        return bool(door.wait())

    for _ in range(2):
        assert set(explore(opens, schedules=20).outcomes) == {"True"}
    gevent.spawn(door.clear).join()
    assert not door.is_set()


# -- what the scenario leaves, told by oracles


def test_a_greenlet_that_has_not_ended_is_told() -> None:
    verdict = explore(leaves_all_sorts, left_tasks="fail")
    text = told(verdict)
    assert "left task: waits has not ended when the scenario has returned" in text
    assert "gevent.spawn(waits)" in text
    assert "it stood at tests/runtimes/greenlets/test_greenlets_left.py:" in text


def test_a_failure_at_which_nobody_looks_is_told() -> None:
    def fails() -> None:
        raise ZeroDivisionError("on purpose")

    def drops() -> None:
        gevent.spawn(fails).join()

    text = told(explore(drops, lost_exceptions="fail"))
    assert "lost exception: fails raised ZeroDivisionError: on purpose, and nobody has looked" in text
    assert "gevent.spawn(fails).join()" in text

    def looks() -> None:
        with pytest.raises(ZeroDivisionError):
            gevent.spawn(fails).get()
        with pytest.raises(ZeroDivisionError):
            gevent.joinall([gevent.spawn(fails)], raise_error=True)

    assert explore(looks, lost_exceptions="fail").grade == "proved"
    assert explore(drops).grade == "proved"  # as in gevent, which prints it


def test_what_gevent_is_compiled_from_is_not_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names its files as they lay where it was built: below the root, as it seems."""
    monkeypatch.chdir(Path(__file__).parent)

    def drops() -> None:
        gevent.spawn(lambda: 1 / 0).join()

    assert "lost exception: <lambda> raised ZeroDivisionError" in told(explore(drops, lost_exceptions="fail"))

    def asks() -> None:
        gevent.spawn(lambda: 1 / 0).get()

    text = told(explore(asks))
    assert "in <lambda>: gevent.spawn(lambda: 1 / 0).get()" in text
    assert "src/gevent" not in text


def test_a_limit_that_still_runs_is_told() -> None:
    def leaks() -> None:
        limit = gevent.Timeout(5)
        limit.start()
        gevent.sleep(1)

    text = told(explore(leaks, left_open="fail"))
    assert "left open: a Timeout of 5 s still runs when the scenario has returned" in text
    assert "limit.start()" in text

    def closes() -> None:
        with gevent.Timeout(5):
            gevent.sleep(1)

    assert explore(closes, left_open="fail").grade == "proved"


def test_a_call_that_keeps_the_loop_waiting_is_told_with_its_line_or_with_the_greenlets() -> None:
    def rests() -> None:
        time.sleep(3)

    for begun, line in ((rests, "time.sleep(3)"), (lambda: time.sleep(3), "lambda: time.sleep(3)")):
        text = told(explore(lambda begun=begun: gevent.spawn(begun).join(), blocking_calls="fail"))  # type: ignore[misc]
        assert "keeps its event loop waiting for 3 s in time.sleep" in text
        assert line in text
        assert "no other greenlet of the loop can go on meanwhile" in text
        assert "gevent.sleep" in text
    text = told(explore(lambda: gevent.spawn(time.sleep, 3).join(), blocking_calls="fail"))
    assert "test_greenlets_left.py:" in text.partition("time.sleep at ")[2][:80]


def test_a_limit_that_is_left_strikes_later() -> None:
    def leaks() -> None:
        gevent.Timeout(5).start()
        gevent.sleep(1)
        gevent.sleep(10)

    verdict = explore(leaks)
    assert verdict.grade == "failed"
    assert "Timeout" in told(verdict)


# -- errors


def test_errors_of_greenlets_go_where_they_go_in_gevent(capfd: pytest.CaptureFixture[str]) -> None:
    class Odd(BaseException):
        pass

    def raises(error: BaseException) -> None:
        raise error

    def errors() -> list[str]:
        odd, exits = gevent.spawn(raises, Odd()), gevent.spawn(raises, gevent.GreenletExit())
        gevent.joinall([odd, exits])
        seen = [type(odd.exception).__name__, type(exits.value).__name__, str(exits.successful())]
        killed = gevent.spawn(gevent.sleep, 5)
        gevent.sleep(0)
        killed.kill(ValueError)
        seen += [type(killed.exception).__name__]
        try:
            gevent.spawn(raises, SystemExit(3)).join()
        except SystemExit as error:
            seen.append(f"exit {error.code}")
        return seen

    verdict = explore(errors, schedules=5)
    assert set(verdict.outcomes) == {"['Odd', 'GreenletExit', 'True', 'ValueError', 'exit 3']"}
    assert "Odd" in capfd.readouterr().err


def test_ctrl_c_in_a_greenlet_comes_through() -> None:
    def interrupts() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        explore(lambda: gevent.spawn(interrupts).join())
    assert gevent.spawn(len, "abc").get() == 3


def test_a_greenlet_that_swallows_its_end_is_left_behind() -> None:
    def stubborn() -> None:
        while True:
            try:
                gevent.sleep(1)
            except BaseException:
                continue

    def leaves() -> None:
        gevent.spawn(stubborn)
        gevent.sleep(0)

    assert explore(leaves, schedules=2).grade != "failed"


# -- threads, and the world outside


def test_a_thread_of_the_scenario_has_a_hub_of_its_own() -> None:
    def scenario() -> list[int]:
        seen: list[int] = []

        def works(number: int) -> None:
            gevent.joinall([gevent.spawn(seen.append, number), gevent.spawn(gevent.sleep, 1)])

        threads = [threading.Thread(target=works, args=(each,)) for each in (1, 2)]
        for each in threads:
            each.start()
        works(3)
        for each in threads:
            each.join()
        return sorted(seen)

    verdict = explore(scenario, schedules=30)
    assert set(verdict.outcomes) == {"[1, 2, 3]"}, str(verdict)


def test_a_thread_and_a_greenlet_lose_an_update() -> None:
    def scenario() -> None:
        count = 0

        def adds() -> None:
            nonlocal count
            count += 1

        thread = threading.Thread(target=adds)
        thread.start()
        gevent.spawn(adds).join()
        thread.join()
        assert count == 2

    verdict = explore(scenario)
    assert verdict.grade == "failed"
    assert str(explore(scenario, replay=verdict.replay)) == str(verdict)


def echo() -> bytes:
    def serve(sock: gevent.socket.socket, _address: object) -> None:
        with sock:
            while data := sock.recv(100):
                sock.sendall(data.upper())

    server = gevent.server.StreamServer(("127.0.0.1", 0), serve)
    server.start()
    with gevent.socket.create_connection(("127.0.0.1", server.server_port)) as sock:
        sock.sendall(b"ping")
        answer: bytes = b""
        while len(answer) < 4:
            answer += sock.recv(100)
    server.stop()
    return answer


@pytest.mark.slow
def test_a_server_on_loopback_is_explored() -> None:
    verdict = explore(echo, schedules=20)
    assert set(verdict.outcomes) == {"b'PING'"}, str(verdict)


@pytest.mark.slow
def test_a_job_of_a_thread_pool_is_uncontrolled_and_comes() -> None:
    def job() -> int:
        return int(gevent.get_hub().threadpool.apply(len, ("abc",)))

    verdict = explore(job, schedules=3)
    assert set(verdict.outcomes) == {"3"}, str(verdict)
    assert verdict.grade == "uncontrolled"
    assert "test_greenlets_left.py:" in str(verdict)


@pytest.mark.slow
def test_a_child_process_is_uncontrolled_and_comes() -> None:
    def child() -> int:
        return int(gevent.subprocess.call(["true"]))

    verdict = explore(child, schedules=3)
    assert set(verdict.outcomes) == {"0"}, str(verdict)
    assert verdict.grade == "uncontrolled"


@pytest.mark.slow
def test_all_who_watch_one_child_are_told_how_it_ended() -> None:
    def watched() -> tuple[int, ...]:
        child = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
        loop = gevent.get_hub().loop
        watchers = [loop.child(child.pid) for _ in range(3)]
        for each in watchers[1:]:
            each.start(lambda: None)
        gevent.get_hub().wait(watchers[0])
        gevent.sleep(0)
        child.returncode = 3  # the loop has waited for it
        return tuple(os.waitstatus_to_exitcode(each.rstatus) for each in watchers)

    verdict = explore(watched, schedules=3)
    assert set(verdict.outcomes) == {"(3, 3, 3)"}, str(verdict)


class Lazy:
    """As a library's settings are that nobody has configured: to ask it anything is an error."""

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError(f"not configured, and asked for {name}")


def test_no_other_object_is_asked_what_it_is() -> None:
    lazy = Lazy()
    started = gevent.spawn(gevent.sleep, 60)
    assert list(telling.living()) == [started]
    started.kill()
    assert type(lazy) is Lazy  # it was there


@pytest.mark.slow
def test_a_peer_that_says_nothing_ends_with_the_budget() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()

        def asks() -> None:
            with gevent.socket.create_connection(silent.getsockname()) as sock:
                sock.recv(1)

        began = time.monotonic()
        explore(asks, seconds=2)
        assert time.monotonic() - began < 10
    assert "gevent" in sys.modules


# -- where it cannot be


@pytest.mark.slow
def test_a_scenario_that_imports_gevent_itself_is_told_so(pytester: pytest.Pytester) -> None:
    script = pytester.makepyfile(
        script="""
        from pytest_concurrency import explore

        def scenario():
            import gevent
            gevent.spawn(gevent.sleep, 0.01).join()

        print(explore(scenario))
        print(explore(scenario))
        """
    )
    lines = pytester.runpython(script).outlines
    assert lines[0].startswith("uncontrolled: main waited outside the engine's control: gevent, which the scenario")
    assert lines[0].endswith("import it where its module begins")
    assert lines[1].startswith("proved")


def test_an_exploration_inside_a_greenlet_says_where_it_belongs() -> None:
    def explores() -> Verdict:
        return explore(lambda: gevent.sleep(1))

    text = told(gevent.spawn(explores).get())
    assert "RuntimeError: greenlets are explored from a thread's own greenlet, got an exploration in <Greenlet" in text


def test_a_signal_comes_in_the_loop_and_its_handler_goes_with_the_run() -> None:
    """Without a handler it would end the process."""
    before = signal.getsignal(signal.SIGUSR1)

    def scenario(*, cancels: bool = True) -> list[str]:
        seen: list[str] = []
        handler = gevent.signal_handler(signal.SIGUSR1, seen.append, "came")
        os.kill(os.getpid(), signal.SIGUSR1)
        seen.append("sent")
        gevent.sleep(1)
        if cancels:
            handler.cancel()
            assert signal.getsignal(signal.SIGUSR1) is before
        return seen

    for program in (scenario, lambda: scenario(cancels=False)):
        assert set(explore(program).outcomes) == {"['sent', 'came']"}
        assert signal.getsignal(signal.SIGUSR1) is before
