"""The night watch: the tests. Time is virtual in them; how long an end takes is up to the system, and only bounded."""

import multiprocessing
import os
import signal
import time
from functools import partial

import pytest
from terminate_and_kill import on_duty, stop, stop_all, stop_safely

NIGHT = 1e7  # seconds


def leave(*_):
    """Go home."""
    raise SystemExit(3)


def watch(ready, how, notes=None, seconds=NIGHT):
    """Walk about until the bell rings."""
    if how == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if how == "polite":
        signal.signal(signal.SIGTERM, leave)
    ready.release()
    try:
        time.sleep(seconds)
    finally:
        if notes:
            notes.write(how)


def lock_the_gate(ready, how, key, book, seconds):
    """Take the key twice, and write down each time that it is taken, and that it is back."""
    if how == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ready.release()
    for _ in range(2):
        with key:
            book[0] += 1
            time.sleep(seconds)
            book[1] += 1
        time.sleep(1)
    time.sleep(NIGHT)


def begin(*hows, notes=None, target=watch, args=()):
    """Start processes, and wait until they are on their way."""
    ready, watchmen = multiprocessing.Semaphore(0), []
    for how in hows:
        watchmen.append(multiprocessing.Process(target=target, args=(ready, *(args or (how, notes)))))
        watchmen[-1].start()
    for _ in watchmen:
        ready.acquire()
    return watchmen


def is_zombie(watchman):
    """Tell whether a process has ended and was not waited for."""
    try:
        return os.waitid(os.P_PID, watchman.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return False


def check_gone(watchman, what):
    """See whether somebody has ended, and was waited for."""
    assert not is_zombie(watchman), f"{what}: it has ended, and nobody has waited for it, a zombie: join it"
    assert watchman.exitcode is not None, (
        f"{what}: stop has come back, and the process still runs: join it, also after kill"
    )


@pytest.mark.task(1)
@pytest.mark.parametrize(
    ("how", "grace", "code"),
    [("plain", 600, -15), ("polite", 600, 3), ("deaf", 5, -9), ("deaf", 0, -9), ("plain", 0, None)],
)
def test_asked_and_made_to_go(race, notes, how, grace, code):
    def scenario():
        notes.clear()
        (watchman,) = begin(how, notes=notes)
        began = time.monotonic()
        found, took = stop(watchman, grace), time.monotonic() - began
        what = f"one who is {how}, {grace} s of grace"
        check_gone(watchman, what)
        assert code in (None, watchman.exitcode), (
            f"{what}: its exit code is {watchman.exitcode} instead of {code}: ask, wait, and kill who is still there"
        )
        assert found == watchman.exitcode, f"{what}: the exit code is {watchman.exitcode}, and stop returned {found}"
        if code == 3:
            assert notes.read() == [how], f"{what}: it was killed before it had tidied up"
        assert took < 1e6, f"{what}: it was stopped after {took:g} s: wait no longer than the grace"
        assert took >= grace or how != "deaf", f"{what}: it was killed after {took:g} s: wait for it as long as that"

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_nobody_to_ask(race):
    def scenario():
        home, (gone,) = multiprocessing.Process(target=watch), begin("plain", args=("plain", None, 0))
        time.sleep(9)
        began = time.monotonic()
        found = [stop(home, 5), stop(gone, 5), stop(gone, 5)]
        took = time.monotonic() - began
        assert found == [None, 0, 0], f"one not started, one gone long ago, asked twice: None, 0, 0, and it was {found}"
        assert took == 0, f"one was not started, the other gone long ago, and that took {took:g} s"
        check_gone(gone, "one who had gone")

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
def test_all_at_the_same_time(race, notes):
    def scenario():
        notes.clear()
        watchmen = [*begin("deaf", "polite", "deaf", "polite", notes=notes), multiprocessing.Process(target=watch)]
        began = time.monotonic()
        found, took = stop_all(watchmen, 1e6), time.monotonic() - began
        codes = [watchman.exitcode for watchman in watchmen]
        assert None not in codes[:4], f"all were stopped, and of some the exit codes are None: {codes}"
        for watchman in watchmen[:4]:
            check_gone(watchman, "all were stopped")
        assert found == codes, f"the exit codes are {codes}, and stop_all returned {found}"
        assert codes == [-9, 3, -9, 3, None], (
            f"deaf, polite, deaf, polite, not started: {codes} instead of [-9, 3, -9, 3, None]; "
            "ask each, kill who is deaf"
        )
        assert 1e6 <= took < 1.9e6, f"a grace of 1e6 s for all, two are deaf, and it took {took:g} s: one deadline"
        assert stop_all([], 5) == [], "nobody on duty, nobody to stop"

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
@pytest.mark.parametrize(("how", "seconds", "schedules"), [("plain", 1, 5), ("plain", 1e6, 2), ("deaf", 1e6, 2)])
@pytest.mark.means(
    DeadlockFound="the watchman was stopped with the key in his hand: take it yourself before you stop him"
)
def test_never_with_the_key(race, how, seconds, schedules):
    def scenario():
        key, book = multiprocessing.Lock(), multiprocessing.Array("i", 2, lock=False)
        (watchman,) = begin("", target=lock_the_gate, args=(how, key, book, seconds))
        time.sleep(seconds / 2)
        found = stop_safely(watchman, key, 600)
        check_gone(watchman, "one with a key")
        assert book[0] == book[1], (
            f"he is {how}, the key was taken {book[0]} times and brought back {book[1]} times: he was stopped with it "
            "in his hand"
        )
        code = -9 if how == "deaf" else -15
        assert found == watchman.exitcode == code, (
            f"he is {how}, the code is {watchman.exitcode} instead of {code}, and stop_safely returned {found}"
        )
        assert key.acquire(), "the key is free"

    race.explore(scenario, schedules=schedules)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="the key is still taken: give it back when he has ended")
def test_the_key_is_free(race):
    def scenario():
        key = multiprocessing.Lock()
        (deaf,) = begin("deaf")
        found = [stop_safely(deaf, key, 5), stop_safely(deaf, key, 5), stop_safely(multiprocessing.Process(), key, 5)]
        assert found == [-9, -9, None], f"one is deaf, asked again, one never started: -9, -9, None, and it was {found}"
        with key:
            pass

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
@pytest.mark.parametrize("error", [None, ValueError("stairs"), KeyboardInterrupt(), GeneratorExit(), SystemExit(3)])
def test_nobody_is_left_on_duty(race, notes, error):
    def scenario():
        notes.clear()
        ready, found = multiprocessing.Semaphore(0), None
        try:
            with on_duty(watch, ready, "polite", notes, grace=600) as watchman:
                ready.acquire()
                assert watchman.is_alive(), "the watch has begun, and nobody is on duty"
                if error:
                    raise error
        except NotImplementedError:
            raise
        except BaseException as raised:
            found = raised
        what = f"the block ended with {error!r}"
        assert found is error, f"{what}, and what came out was {found!r}"
        assert watchman.exitcode is not None, (
            f"{what}, and the watchman goes on, an orphan if the captain is gone: stop him"
        )
        check_gone(watchman, what)
        assert (watchman.exitcode, notes.read()) == (3, ["polite"]), f"{what}, and he was not let tidy up: {watchman}"

    race.explore(scenario, schedules=1)


@pytest.mark.task(4)
def test_what_the_block_raises_comes_out(race):
    def scenario():
        error, cause, found = ValueError("stairs"), KeyError("lantern"), None
        try:
            with on_duty(partial(time.sleep), 0, grace=600) as watchman:
                watchman.join()
                raise error from cause
        except ValueError as raised:
            found = raised
        assert found is error, (
            f"he went home by himself, the block ended with {error!r}, and what came out was {found!r}"
        )
        assert found.__cause__ is cause, (
            f"the block ended with {error!r} from {cause!r}, and came out from {found.__cause__!r}: "
            "let it pass as it is"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(2)
def test_somebody_else_is_on_duty(race):
    def scenario():
        (deaf,), other = begin("deaf"), multiprocessing.Process(target=time.sleep, args=(NIGHT,))
        other.start()
        found = stop_all([deaf], 5)
        other.join()
        assert (found, other.exitcode) == ([-9], 0), (
            f"one was to be stopped, and it came to {found}; another one, who was not, has {other.exitcode} for an "
            "exit code: stop those whom you are told to"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(4)
@pytest.mark.parametrize(("how", "grace", "code"), [("deaf", 5, -9), ("deaf", 0, -9), ("polite", 5e6, 3)])
def test_the_grace_of_the_watch(race, how, grace, code):
    def scenario():
        ready, began = multiprocessing.Semaphore(0), time.monotonic()
        with on_duty(watch, ready, how, grace=grace) as watchman:
            ready.acquire()
        took = time.monotonic() - began
        assert watchman.exitcode == code, (
            f"one who is {how}, {grace} s: exit code {watchman.exitcode} instead of {code}"
        )
        assert took < 1e6, (
            f"one who is {how}, {grace:g} s of grace, and the block was left after {took:g} s: ask him, and wait then"
        )

    race.explore(scenario, schedules=1)
