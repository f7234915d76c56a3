"""The contract that every strategy keeps."""

from typing import Any

import pytest
from core.simulation import Outcome, Program, enumerate_all, explore, run_once

from pytest_concurrency import strategies as doorway
from pytest_concurrency._core import strategies
from pytest_concurrency._core.strategies.pct import Pct
from pytest_concurrency._core.strategies.portfolio import Portfolio
from pytest_concurrency._core.strategies.sampling import ENOUGH, Sampling
from pytest_concurrency._core.strategies.surw import Surw
from pytest_concurrency._core.strategy import Strategy

RACE: Program = ((("read", "x"), ("write", "x")),) * 3
LOCKS: Program = ((("acquire", "a"), ("acquire", "b"), ("release", "b"), ("release", "a")),
                  (("acquire", "b"), ("acquire", "a"), ("release", "a"), ("release", "b")))  # fmt: skip
MIXED: Program = ((("unknown", ""), ("local", "")), (("try", "l"), ("release", "l")), (("write", "x"),))
PROGRAMS = pytest.mark.parametrize("program", [RACE, LOCKS, MIXED], ids=["race", "locks", "mixed"])
EVERY = pytest.mark.parametrize("name", strategies.NAMES)
SAMPLING = ("random", "pct", "pos", "surw")


def make(name: str, seed: int = 0) -> Strategy:
    return strategies.make(name, seed=seed, preemptions=None)


@EVERY
def test_it_is_called_what_settings_call_it(name: str) -> None:
    assert make(name).name == name


@EVERY
@PROGRAMS
def test_it_chooses_only_among_the_runnable_and_every_run_comes_to_its_end(name: str, program: Program) -> None:
    whole = set(enumerate_all(program))
    assert set(explore(program, make(name), limit=100)) - {None} <= whole


@EVERY
@PROGRAMS
def test_equal_seeds_give_equal_schedules(name: str, program: Program) -> None:
    assert explore(program, make(name, 7), limit=40) == explore(program, make(name, 7), limit=40)


@pytest.mark.parametrize("name", SAMPLING)
def test_other_seeds_give_other_schedules(name: str) -> None:
    runs = {tuple(explore(RACE, make(name, seed), limit=5)) for seed in range(10)}
    assert len(runs) > 5


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLING)
@PROGRAMS
def test_sampling_reaches_every_outcome(name: str, program: Program) -> None:
    assert set(explore(program, make(name), limit=3000)) == set(enumerate_all(program))


@pytest.mark.parametrize("name", SAMPLING)
def test_sampling_proves_nothing(name: str) -> None:
    assert not make(name).exhaustive


@EVERY
def test_a_pick_is_below_the_number_of_options(name: str) -> None:
    strategy = make(name)
    seen = set()
    for _ in range(60):
        if not strategy.start_run():
            break
        strategy.choose([0, 1], 0, {0: ("notify", ()), 1: ("begin", ())})
        seen.add(strategy.pick(3))
        strategy.end_run(cut=True)
    assert seen == {0, 1, 2}


@EVERY
def test_it_says_in_words_what_it_has_shown(name: str) -> None:
    assert make(name).describe()


def test_the_base_class_never_switches_unless_it_must() -> None:
    strategy = Strategy()
    assert strategy.choose([0, 1, 2], 1, {}) == 1
    assert strategy.choose([0, 2], None, {}) == 0


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"strategy must be one of auto, random, .*, got 'best'"):
        make("best")


@pytest.mark.slow
def test_pct_keeps_its_bound() -> None:
    # A run finds what needs depth 2 among n tasks and k steps with a chance of 1 / (n * k) or more.
    program: Program = ((("read", "x"), ("write", "x")), (("write", "x"), ("local", "")))
    between = next(each for each in enumerate_all(program) if _before(each, (1, 0)) == ((0, 0),))
    strategy = Pct(3, depth=2)
    runs = explore(program, strategy, limit=4000)
    assert runs.count(between) / len(runs) > 0.8 * strategy.chance(tasks=2)


def _before(outcome: Outcome | None, step: tuple[int, int]) -> tuple[object, ...]:
    """Which steps that conflict with it came before a step."""
    assert outcome is not None
    return next(before for each, before, _ in outcome if each == step)


def test_surw_is_uniform_over_the_orders_at_one_object() -> None:
    # One access against nine: a plain walk sees it last in one run of 2 ** 9, this one in ten.
    program: Program = ((("write", "x"),) * 9, (("write", "x"),))
    last = 0
    strategy = Surw(5)
    runs = 2000
    for _ in range(runs):
        strategy.start_run()
        last += len(_before(run_once(program, strategy), (1, 0))) == 9
        strategy.end_run(cut=False)
    assert 0.07 < last / runs < 0.13


def test_surw_is_not_drawn_away_by_what_is_busy_elsewhere() -> None:
    # Drawn evenly, one walk in five would be about x.
    busy = tuple(("write", name) for name in "abcd" for _ in range(50))
    program: Program = ((*busy, ("read", "x")), (*busy, ("write", "x")))
    strategy = Surw(1)
    strategy.start_run()
    run_once(program, strategy)
    strategy.end_run(cut=False)
    drawn = []
    for _ in range(400):
        strategy.start_run()
        target: Any = strategy._target  # an object, or all of its kind
        drawn.append(target[1] if type(target) is tuple else target)
    assert drawn.count("x") > 150
    assert min(drawn.count(name) for name in "abcd") > 20


def test_auto_ends_with_a_proof() -> None:
    strategy = make("auto")
    outcomes = explore(RACE, strategy)
    assert strategy.exhaustive
    assert set(outcomes) - {None} == set(enumerate_all(RACE))
    assert strategy.describe().startswith("all 36 interleavings")


def test_auto_ends_when_sampling_shows_nothing_new() -> None:
    class Endless(Portfolio):
        """As if the search never came to an end."""

        def __init__(self) -> None:
            super().__init__()
            self.search.start_run = lambda: True  # type: ignore[method-assign]
            self.search.choose = lambda able, *_: able[0]  # type: ignore[method-assign]
            self.search.standstill = lambda *_, **__: None  # type: ignore[method-assign]
            self.search.end_run = lambda **_: None  # type: ignore[method-assign]

    strategy = Endless()
    runs = len(explore(((("write", "x"),),) * 2, strategy, limit=10_000))
    assert runs < 1000
    assert not strategy.exhaustive
    assert "no new ordering in the last" in strategy.describe()


def test_the_doorway_leads_to_everything_a_strategy_needs() -> None:
    for name in doorway.__all__:
        assert getattr(doorway, name) is not None


def test_sampling_alone_proves_nothing_and_ends_when_nothing_new_comes() -> None:
    strategy = Sampling(0)
    runs = explore(RACE, strategy, limit=10_000)
    assert set(runs) <= set(enumerate_all(RACE))
    assert ENOUGH < len(runs) < 10_000
    assert not strategy.exhaustive
    assert strategy.search.completed <= 1
