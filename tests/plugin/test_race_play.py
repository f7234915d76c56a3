"""`race.play`: a schedule written by a person, followed to the letter or refused with a reason."""

import asyncio
import threading
import time
from collections.abc import Callable
from queue import Queue
from typing import Any

import pytest

from pytest_concurrency import DeadlockFound, RaceFound, ScheduleError, play

pytest_plugins = ["pytester"]


class Account:
    def __init__(self, balance: int) -> None:
        self.balance = balance
        self.lock = threading.Lock()

    def withdraw(self, amount: int) -> None:
        if self.balance >= amount:
            rest = self.balance - amount
            x = 1  # touches nothing
            self.balance = rest - x + 1

    def locked(self, amount: int) -> None:
        with self.lock:
            self.withdraw(amount)


FIRST = Account.withdraw.__code__.co_firstlineno


def run(*functions: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=function, name=name) for name, function in zip("AB", functions, strict=False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def racing() -> int:
    account = Account(100)
    run(lambda: account.withdraw(70), lambda: account.withdraw(20))
    assert account.balance == 10
    return account.balance


def locked() -> int:
    account = Account(100)
    run(lambda: account.locked(70), lambda: account.locked(20))
    return account.balance


def crossing() -> None:
    first = threading.Lock()
    second = threading.Lock()

    def one() -> None:
        with first, second:
            pass

    def other() -> None:
        with second, first:
            pass

    run(one, other)


def handing() -> None:
    jobs: Queue[int] = Queue(1)

    def producer() -> None:
        jobs.put(1)
        jobs.put(2)
        time.sleep(1)

    run(producer, lambda: jobs.get() + jobs.get())


@pytest.mark.parametrize(
    "steps",
    [
        [f"A: until withdraw:{FIRST + 3}", "B: to the end"],
        [f"A: until Account.withdraw:{FIRST + 4}", "B: to the end"],
        ["A: until write balance", "B: to the end", "A: to the end"],
        ["1: until write balance", "2: to the end"],
        ["B: until write self.balance", "A: to the end"],
    ],
)
def test_the_race_strikes(steps: list[str]) -> None:
    with pytest.raises(RaceFound, match="main raised AssertionError"):
        play(racing, steps)
    assert play(racing, steps, check=False).failed


@pytest.mark.parametrize("steps", [[], ["A: to the end", "B: to the end"], ["B: to the end", "A: to the end"]])
def test_the_race_does_not_strike(steps: list[str]) -> None:
    played = play(racing, steps)
    assert (played.failed, played.value, played.error) == (False, 10, None)


def test_the_text_is_the_interleaving() -> None:
    text = str(play(racing, ["A: to the end", "B: to the end"]))
    assert text.startswith("interleaving\n  main A B\n")
    written = [line for line in text.splitlines() if "write balance" in line]
    assert [line.partition("write")[2] for line in written] == [" balance = 30", " balance = 10"]


def test_a_deadlock_can_be_written() -> None:
    with pytest.raises(DeadlockFound, match="A waits for B waits for A"):
        play(crossing, ["A: until acquire second", "B: until acquire first"])
    assert not play(crossing, ["A: to the end", "B: to the end"]).failed


@pytest.mark.parametrize(
    "steps",
    [
        ["A: until put", "A: until it waits", "B: until it waits", "A: to the end", "B: to the end"],
        [
            "B: until get",
            "B: until it waits",
            "A: until it waits",
            "B: until get jobs",
            "A: to the end",
            "B: to the end",
        ],
    ],
)
def test_steps_name_calls_of_the_library_and_time_passes(steps: list[str]) -> None:
    assert not play(handing, steps).failed


def test_a_line_that_touches_nothing_is_a_place_too() -> None:
    assert play(racing, [f"A: until withdraw:{FIRST + 3}", "B: until it waits"][:1]).value == 10


@pytest.mark.parametrize(
    ("scenario", "steps", "reasons"),
    [
        (racing, [f"A: until withdraw:{FIRST + 90}"], ["A ended without coming to withdraw", "has no code in line"]),
        (racing, ["A: until nothing:3"], ["nobody called a function nothing"]),
        (racing, ["A: until acquire"], ["A ended without coming to acquire; it passed withdraw:"]),
        (racing, ["C: to the end"], ["no thread of that name or number was started; main waits in Thread.join"]),
        (racing, ["A: to the end", "A: for 1 step"], ["step 2, 'A: for 1 step', cannot happen: A had ended before"]),
        (racing, ["main: to the end"], ["main waits in Thread.join on thread A"]),
        (
            locked,
            ["A: until write balance", "B: to the end"],
            ["B waits in Lock.acquire", "`self.lock`, held by A, at"],
        ),
        (handing, ["A: to the end"], ["A waits in Queue.put on Queue `jobs`"]),
    ],
)
def test_a_step_that_cannot_happen_is_told(scenario: Any, steps: list[str], reasons: list[str]) -> None:
    with pytest.raises(ScheduleError) as caught:
        play(scenario, steps, check=False)
    for reason in reasons:
        assert reason in str(caught.value)
    assert "interleaving" in str(caught.value)


@pytest.mark.parametrize("who", ["Ann", "main", "1"])
def test_the_steps_of_a_loop_cannot_be_led(who: str) -> None:
    async def work() -> None:
        await asyncio.sleep(0)

    def scenario() -> None:
        async def main() -> None:
            await asyncio.gather(asyncio.create_task(work(), name="Ann"), asyncio.create_task(work(), name="Ben"))

        asyncio.run(main())

    with pytest.raises(ScheduleError, match="only threads and processes can be led by hand"):
        play(scenario, [f"{who}: to the end"])


def test_play_in_a_run_is_misuse() -> None:
    error = play(lambda: play(racing, []), [], check=False).error
    assert "play must be called outside a controlled run, got a call from task 'main'" in str(error)


@pytest.mark.slow
def test_the_example_of_the_readme(pytester: pytest.Pytester, request: pytest.FixtureRequest) -> None:
    text = (request.config.rootpath / "tests/examples/play_example.py").read_text()
    pytester.makepyfile(test_play_example=text)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", timeout=60)
    result.assert_outcomes(passed=3)
