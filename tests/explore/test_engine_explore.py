"""`explore`: what it counts, what it grades, what it refuses."""

import asyncio
import gc
import re
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from controlled import failed, run

from pytest_concurrency import ConcurrencyWarning, DeadlockFound, Grade, NoProgressFound, Outcome, RaceFound, explore
from pytest_concurrency._core.operations import Operation
from pytest_concurrency._core.strategies import NAMES
from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._explore.plan import default_watch
from pytest_concurrency._sight.watching import Watch


class Box:
    def __init__(self) -> None:
        self.n = 0


def together(*functions: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def lost_update() -> int:
    box = Box()

    def add() -> None:
        box.n += 1

    together(add, add)
    return box.n


def racy() -> None:
    assert lost_update() == 2


def right() -> int:
    box, lock = Box(), threading.Lock()

    def add() -> None:
        with lock:
            box.n += 1

    together(add, add)
    return box.n


def textbook() -> None:
    """The textbook race: nobody finds it by repetition on these versions of Python."""
    counter = Box()

    def take() -> None:
        for _ in range(10):
            counter.n -= 1

    together(*[take] * 5)
    assert counter.n == -50


def test_a_failure() -> None:
    verdict = explore(racy)
    assert verdict.grade is Grade.FAILED
    assert type(verdict.error) is RaceFound
    assert type(verdict.error.__cause__) is AssertionError
    assert verdict.schedules <= 10
    assert verdict.reason == f"main raised AssertionError: assert 1 == 2 (schedule {verdict.schedules})"
    assert verdict.replay
    assert str(verdict) == str(verdict.error)


@pytest.mark.soak
def test_the_textbook_race_is_found_within_50_schedules() -> None:
    for _ in range(30):
        textbook()
    assert failed(textbook).schedules <= 50


def test_a_proof() -> None:
    verdict = explore(right)
    assert verdict.grade is Grade.PROVED
    assert verdict.error is None
    assert verdict.replay == ""
    assert set(verdict.outcomes) == {"2"}
    assert re.fullmatch(r"proved: .+, in \d+ schedules", str(verdict))


def test_a_sample() -> None:
    verdict = explore(right, strategy="random", schedules=17)
    assert str(verdict) == "sampled: 17 schedules"
    assert verdict.schedules == 17
    assert verdict.outcomes["2"].count == 17


def test_a_result_that_cannot_be_shown_is_an_outcome_like_any_other() -> None:
    class Shy:
        def __repr__(self) -> str:
            raise LookupError("no words")

    def scenario() -> Shy:
        together(lambda: None, lambda: None)
        return Shy()

    assert set(explore(scenario, schedules=5).outcomes) == {"<Shy, whose repr raised LookupError>"}


@pytest.mark.slow
@pytest.mark.parametrize("strategy", NAMES)
def test_every_strategy_finds_it_and_counts_up_to_it(strategy: str) -> None:
    verdict = failed(racy, strategy=strategy)
    again = failed(racy, strategy=strategy)
    assert verdict.schedules == again.schedules <= 30
    assert str(verdict) == str(again)
    assert failed(racy, strategy=strategy, schedules=verdict.schedules).schedules == verdict.schedules
    if verdict.schedules > 1:
        assert explore(racy, strategy=strategy, schedules=verdict.schedules - 1).grade is not Grade.FAILED


def test_the_bound_on_preemptions_is_part_of_the_proof() -> None:
    verdict = explore(lost_update, strategy="dfs", preemptions=0)
    assert verdict.grade is Grade.PROVED
    assert set(verdict.outcomes) == {"2"}
    assert "at most 0 preemptions" in verdict.reason
    assert set(explore(lost_update, strategy="dfs", preemptions=1).outcomes) == {"1", "2"}


@pytest.mark.slow
def test_a_seed_makes_a_random_strategy_repeatable_and_another_one_different() -> None:
    def scenario() -> str:
        log: list[str] = []
        together(*[lambda name=name: log.append(name) for name in "abcde"])
        return "".join(log)

    def orders(seed: int) -> set[str]:
        return set(explore(scenario, strategy="random", schedules=10, seed=seed).outcomes)

    assert orders(1) == orders(1)
    assert len({frozenset(orders(seed)) for seed in range(4)}) > 1


@pytest.mark.slow
def test_outcomes_count_and_replay() -> None:
    verdict = explore(lost_update, strategy="dfs")
    assert set(verdict.outcomes) == {"1", "2"}
    assert sum(each.count for each in verdict.outcomes.values()) == verdict.schedules
    for text, outcome in verdict.outcomes.items():
        assert isinstance(outcome, Outcome)
        seen: list[int] = []
        explore(keep(seen), replay=outcome.replay)
        assert repr(seen[-1]) == text


def test_the_only_outcome_is_known_from_the_run_without_a_switch() -> None:
    """One run more for its replay would be half of a short exploration."""
    calls: list[int] = []

    def scenario() -> int:
        calls.append(right())
        return calls[-1]

    verdict = explore(scenario, schedules=5)
    assert len(calls) == verdict.schedules == 5
    explore(scenario, replay=verdict.outcomes["2"].replay)
    assert len(calls) > 5
    assert set(calls) == {2}


def keep(seen: list[int]) -> Callable[[], int]:
    """The scenario `lost_update` under its own name, as a replay is bound to it."""

    def scenario() -> int:
        seen.append(lost_update())
        return seen[-1]

    scenario.__module__, scenario.__qualname__ = lost_update.__module__, lost_update.__qualname__
    return scenario


@pytest.mark.slow
def test_it_goes_on_after_a_failure_when_asked() -> None:
    runs: list[int] = []

    def scenario() -> int:
        runs.append(1)
        n = lost_update()
        assert n == 2
        return n

    first = failed(scenario, strategy="dfs")
    whole = failed(scenario, strategy="dfs", stop_on_failure=False)
    assert first.schedules == whole.schedules
    assert str(first) == str(whole)
    runs.clear()
    failed(scenario, strategy="random", schedules=40, stop_on_failure=False)
    assert len(runs) >= 40


def test_a_budget_that_runs_out_is_no_pass() -> None:
    verdict = explore(lambda: together(*[lambda: time.sleep(0)] * 9), strategy="random", schedules=10**9, seconds=0.05)
    assert verdict.grade is Grade.UNFINISHED or "nothing was watched" in verdict.reason
    box = Box()

    def scenario() -> None:
        together(*[lambda: setattr(box, "n", 1)] * 2)

    verdict = explore(scenario, strategy="random", schedules=10**9, seconds=0.05)
    assert verdict.grade is Grade.UNFINISHED
    assert re.fullmatch(r"0\.05 s were used up, after \d+ schedules", verdict.reason)


@pytest.mark.slow
def test_a_second_exploration_looks_at_no_file_again(monkeypatch: pytest.MonkeyPatch) -> None:
    decided: list[str] = []
    decide = Watch._decide

    def noted(watch: Watch, filename: str) -> str:
        decided.append(filename)
        return decide(watch, filename)

    monkeypatch.setattr(Watch, "_decide", noted)
    explore(textbook, schedules=1)
    decided.clear()
    explore(textbook, schedules=1)
    assert decided == []


def test_a_relative_file_name_is_looked_up_where_the_caller_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Path] = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        space: dict[str, Any] = {}
        exec(compile("def scenario(): pass", "program.py", "exec"), space)
        found += default_watch(space["scenario"], ()).folders
    assert found == [(tmp_path / "one").resolve(), (tmp_path / "two").resolve()]


def test_nothing_watched_is_said_and_never_proved() -> None:
    with pytest.warns(ConcurrencyWarning, match=r"^nothing was watched: set concurrency_watch$"):
        verdict = explore(print_nothing)
    assert verdict.grade is Grade.SAMPLED
    assert verdict.reason.endswith("nothing was watched: set concurrency_watch")


exec(compile("def print_nothing(): pass", "<elsewhere>", "exec"))
print_nothing: Callable[[], None] = globals()["print_nothing"]


@pytest.mark.slow
def test_a_loop_that_only_asks_is_no_progress() -> None:
    def scenario() -> None:
        box = Box()

        def ask() -> None:
            while not box.n:
                pass

        together(ask)

    verdict = failed(scenario)
    assert type(verdict.error) is NoProgressFound
    lines = str(verdict).splitlines()
    assert lines[0] == "no progress: tasks run for ever and change nothing"
    assert "likely cause" in lines


@pytest.mark.slow
def test_a_task_that_sleeps_for_ever_ends_the_run() -> None:
    def scenario() -> None:
        def serve() -> None:
            while True:
                time.sleep(1)

        threading.Thread(target=serve).start()

    verdict = explore(scenario, schedules=2)
    assert verdict.grade in (Grade.FAILED, Grade.UNFINISHED)


def test_a_deadlock_has_its_own_error() -> None:
    verdict = failed(lambda: together(lambda: threading.Event().wait()))
    assert type(verdict.error) is DeadlockFound
    assert verdict.error.__cause__ is None


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (KeyError("x"), "failed"),
        (pytest.fail.Exception("no"), "failed"),
        (ExceptionGroup("g", [ValueError()]), "failed"),
    ],
)
def test_what_a_scenario_raises_is_a_finding(error: BaseException, kind: str) -> None:
    def scenario() -> None:
        raise error

    verdict = explore(scenario)
    assert verdict.grade == Grade(kind)
    assert verdict.error is not None
    assert verdict.error.__cause__ is error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), pytest.skip.Exception("later"), GeneratorExit()])
def test_what_is_meant_for_somebody_above_passes_through(error: BaseException) -> None:
    def scenario() -> None:
        threading.Thread(target=threading.Event().wait).start()
        raise error

    before = threading.active_count()
    with pytest.raises(type(error)) as caught:
        explore(scenario)
    assert caught.value is error
    assert threading.active_count() == before


# -- misuse


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"schedules": 0}, "schedules must be >= 1, got 0"),
        ({"schedules": -5}, "schedules must be >= 1, got -5"),
        ({"schedules": 1.5}, "schedules must be a whole number, got 1.5"),
        ({"schedules": True}, "schedules must be a whole number, got True"),
        ({"seed": "x"}, "seed must be a whole number, got 'x'"),
        ({"seed": None}, "seed must be a whole number, got None"),
        ({"preemptions": -1}, "preemptions must be >= 0, got -1"),
        ({"preemptions": "many"}, "preemptions must be a whole number, got 'many'"),
        ({"seconds": 0}, "seconds must be a finite number > 0, got 0"),
        ({"seconds": -1}, "seconds must be a finite number > 0, got -1"),
        ({"seconds": "5"}, "seconds must be a finite number > 0, got '5'"),
        ({"seconds": "10s"}, "seconds must be a finite number > 0, got '10s'"),
        ({"seconds": True}, "seconds must be a finite number > 0, got True"),
        ({"seconds": float("inf")}, "seconds must be a finite number > 0, got inf"),
        ({"seconds": float("nan")}, "seconds must be a finite number > 0, got nan"),
        ({"strategy": "rnd"}, "strategy must be one of auto, random, pct, pos, surw, dfs, dpor, got 'rnd'"),
        ({"strategy": None}, "strategy must be one of auto, random, pct, pos, surw, dfs, dpor, got None"),
        ({"clock": "real"}, "clock must be one of exact, any, got 'real'"),
        ({"watch": "json"}, "watch must be a list of names of packages or modules, got 'json'"),
        ({"watch": 3}, "watch must be a list of names of packages or modules, got 3"),
        ({"watch": [["json"]]}, "watch must be a list of names of packages or modules, got [['json']]"),
        ({"races": "no"}, "races must be one of fail, report, ignore, got 'no'"),
        ({"replay": "latest"}, "replay must be a token that a failure printed, got 'latest'"),
        ({"replay": ""}, "replay must be a token that a failure printed, got ''"),
    ],
)
def test_an_unusable_setting_is_one_line(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        explore(right, **settings)


def test_a_replay_of_another_scenario_is_one_line() -> None:
    token = failed(racy).replay
    with pytest.raises(ValueError, match="replay must belong to") as caught:
        explore(right, replay=token)
    name = f"{right.__module__}.right"
    assert str(caught.value) == f"replay must belong to {name}, got one of another test: {token!r}"


async def asynchronous() -> None:
    await asyncio.sleep(0)


async def asynchronous_generator() -> Any:
    yield 1


def generator() -> Any:
    yield 1


def with_arguments(a: int, b: int = 2) -> None: ...


class Callee:
    def __call__(self) -> int:
        return 3

    def method(self, needed: int) -> None: ...


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        (
            asynchronous_generator,
            "scenario must be a plain or async function, got the async generator 'asynchronous_generator'",
        ),
        (generator, "scenario must be a plain or async function, got the generator 'generator'"),
        (
            with_arguments,
            "scenario must be callable without arguments, got 'with_arguments(a: int, b: int = 2) -> None'",
        ),
        (Callee().method, "scenario must be callable without arguments, got 'Callee.method(needed: int) -> None'"),
        (7, "scenario must be callable without arguments, got 7"),
        (None, "scenario must be callable without arguments, got None"),
    ],
)
def test_a_scenario_that_cannot_be_called_once_per_schedule(scenario: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        explore(scenario)
    assert str(caught.value) == message


@mock.patch("time.sleep")
def with_a_patch(sleep: mock.Mock) -> None:
    assert not sleep.called


@pytest.mark.filterwarnings("ignore:nothing was watched")
@pytest.mark.parametrize("scenario", [Callee(), Callee().__call__, int, lambda a=1, *b, **c: None, with_a_patch])
def test_a_scenario_that_can(scenario: Any) -> None:
    assert explore(scenario, schedules=2).error is None


@pytest.mark.parametrize("task", ["main", "Thread-1 (inner)"])
def test_exploring_inside_a_controlled_run_is_refused(task: str) -> None:
    def inner() -> None:
        explore(right)

    def scenario() -> None:
        inner() if task == "main" else together(inner)

    expected = f"explore must be called outside a controlled run, got a call from task {task!r}"
    assert str(failed(scenario)).splitlines()[0] == f"{task} raised RuntimeError: {expected}"


# -- a strategy of one's own


class Broken(Strategy):
    name = "broken"

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        raise ZeroDivisionError("no idea")


def test_a_strategy_that_raises_is_not_blamed_on_the_scenario() -> None:
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError, match="no idea"):
        explore(right, strategy=Broken())
    assert threading.active_count() == before


def test_a_strategy_that_raises_when_it_picks_is_not_blamed_either() -> None:
    class Picks(Strategy):
        name = "picks"

        def pick(self, options: int) -> int:
            raise ZeroDivisionError("no idea")

    def scenario() -> None:
        ready = threading.Condition()

        def wait() -> None:
            with ready:
                ready.wait(1)

        def tell() -> None:
            with ready:
                ready.notify()

        together(wait, wait, tell)

    with pytest.raises(ZeroDivisionError, match="no idea"):
        explore(scenario, strategy=Picks())


class Latest(Strategy):
    name = "latest"

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        assert list(runnable) == sorted(runnable)
        assert current is None or current in runnable
        assert set(runnable) <= set(pending)
        return runnable[-1]


def test_a_strategy_of_ones_own_decides() -> None:
    def scenario() -> str:
        log: list[str] = []
        together(*[lambda name=name: log.append(name) for name in "abc"])
        return "".join(log)

    assert set(explore(scenario, strategy=Latest(), schedules=3).outcomes) == {"'abc'"}
    assert set(explore(scenario, strategy=Strategy(), schedules=3).outcomes) == {"'abc'"}


# -- equal choices, other operations


def test_what_is_not_deterministic_is_said_with_its_place() -> None:
    runs: list[int] = []

    def scenario() -> None:
        runs.append(1)
        box = Box()

        def work() -> None:
            if len(runs) % 3 == 0:
                box.n += 1
            box.n = 5
            with threading.Lock():
                box.n = 6

        together(work, work)

    verdict = explore(scenario, strategy="dfs")
    assert verdict.grade is Grade.UNFINISHED
    assert re.fullmatch(r"not deterministic at .*test_engine_explore\.py:\d+", verdict.reason)


def test_random_numbers_are_the_same_in_every_run() -> None:
    import random

    def scenario() -> float:
        return random.random()

    state = random.getstate()
    assert len(explore(scenario, schedules=5, strategy="random").outcomes) == 1
    assert random.getstate() == state


def test_sets_of_threads_and_futures_do_not_depend_on_addresses() -> None:
    def scenario() -> list[str]:
        threads = {threading.Thread(name=str(n)) for n in range(20)}
        return [thread.name for thread in threads]

    assert run(scenario).value == run(scenario).value


def test_an_oracle_of_another_name_is_refused() -> None:
    with pytest.raises((ValueError, TypeError), match="busy_wating"):
        explore(right, busy_wating="fail")


def test_what_was_there_before_is_set_aside_for_the_collector_and_given_back() -> None:
    counts: list[int] = []
    before = gc.get_freeze_count()
    explore(lambda: counts.append(gc.get_freeze_count()), schedules=2)
    assert all(count > before + 1000 for count in counts)
    assert gc.get_freeze_count() <= before


@pytest.mark.parametrize("seed", [5, 6, 7, 10])
def test_nothing_is_warned_of_where_time_jumps(seed: int) -> None:
    class Hall:
        def __init__(self) -> None:
            self.n = 0
            self.lock = threading.Lock()

        async def book(self) -> None:
            await asyncio.to_thread(self.write)

        def write(self) -> None:
            with self.lock:
                self.n += 1

    async def scenario() -> None:
        hall = Hall()
        await asyncio.gather(hall.book(), hall.book())

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert explore(scenario, schedules=100, seed=seed).error is None
    assert not [str(each.message) for each in told]
