"""A search in parts: disjoint, nothing left out, and all of them know whether they were cut from the same one."""

import random

import pytest
from core.simulation import Outcome, Program, enumerate_all, explore
from core.test_strategies import LOCKS, MIXED, PROGRAMS, RACE, SAMPLING

from pytest_concurrency._core import strategies
from pytest_concurrency._core.strategies import border
from pytest_concurrency._core.strategies.border import Border, Part
from pytest_concurrency._core.strategies.dpor import Dpor
from pytest_concurrency._core.strategies.dpor_part import DporPart
from pytest_concurrency._core.strategy import Strategy

KINDS = ("read", "write", "read", "write", "local", "locked", "try", "unknown")


def random_program(seed: int) -> Program:
    """A few tasks with a few steps each, on three objects and two locks."""
    dice = random.Random(seed)
    return tuple(tuple(_steps(dice)) for _ in range(dice.choice((2, 2, 3, 3, 4))))


def _steps(dice: random.Random) -> list[tuple[str, str]]:
    steps = []
    for _ in range(dice.randint(1, 4)):
        kind, lock, name = dice.choice(KINDS), dice.choice("ab"), dice.choice("xyz")
        if kind == "locked":
            steps += [("acquire", lock), (dice.choice(("read", "write")), name), ("release", lock)]
        elif kind == "try":
            steps.append((kind, lock))
        elif kind != "unknown" or dice.random() < 0.2:
            steps.append((kind, "" if kind in ("local", "unknown") else name))
    return steps


def make(name: str, number: int, of: int, *, seed: int = 0, preemptions: int | None = None) -> Strategy:
    return strategies.make(name, seed=seed, preemptions=preemptions, part=Part(number, of))


@pytest.fixture(autouse=True)
def soon_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let also small searches be cut."""
    monkeypatch.setattr(border, "PLAIN", 1)
    monkeypatch.setattr(border, "EACH", 3)
    monkeypatch.setattr(border, "LEAST", 6)


def in_parts(program: Program, name: str, of: int, preemptions: int | None = None) -> tuple[set[Outcome], int]:
    """Explore all parts; return their outcomes, and how many orders that can differ they count."""
    outcomes: set[Outcome] = set()
    met, count = set(), 0
    for number in range(of):
        search = make(name, number, of, preemptions=preemptions)
        outcomes |= {each for each in explore(program, search) if each is not None}
        met.add(search.met)
        count += search.interleavings or 0
        assert not search.leaks
    assert len(met) == 1
    return outcomes, count


@PROGRAMS
@pytest.mark.parametrize("of", [2, 3, 8])
def test_parts_have_together_what_the_whole_has(program: Program, of: int) -> None:
    whole = Dpor()
    outcomes = set(explore(program, whole)) - {None}
    assert in_parts(program, "dpor", of) == (outcomes, whole.completed)
    assert in_parts(program, "dfs", of)[0] == set(enumerate_all(program))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 240, 20))
def test_parts_of_random_programs_leave_nothing_out_and_count_nothing_twice(first: int) -> None:
    for seed in range(first, first + 20):
        program, whole = random_program(seed), Dpor()
        found = explore(program, whole, limit=600)
        if len(found) < 600:
            expected = (set(found) - {None}, whole.completed)
            assert {of: in_parts(program, "dpor", of) for of in (2, 5)} == {2: expected, 5: expected}, seed


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("bound", [0, 1, 2])
def test_parts_of_a_bounded_search_leave_nothing_out(seed: int, bound: int) -> None:
    program = random_program(seed)
    whole = explore(program, strategies.make("dfs", seed=0, preemptions=bound), limit=2000)
    if len(whole) < 2000:
        assert in_parts(program, "dfs", 3, bound)[0] == set(whole)


def test_what_lies_behind_the_border_is_tried_by_one_part_alone() -> None:
    runs = sum(sum(each is not None for each in explore(RACE, make("dfs", number, 4))) for number in range(4))
    whole = len(explore(RACE, strategies.make("dfs", seed=0, preemptions=None)))
    assert runs == whole + 4 * border.PLAIN  # the first run of each goes straight through


def test_a_part_makes_about_its_share_of_the_runs() -> None:
    whole = explore(RACE, Dpor())
    mine = explore(RACE, make("dpor", 1, 2))
    assert len([each for each in mine if each is not None]) < 0.7 * len(whole)


def test_a_small_search_is_made_whole_by_each_part_and_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(border, "PLAIN", 1000)
    whole = Dpor()
    outcomes = set(explore(LOCKS, whole))
    searches = [make("dpor", number, 3) for number in range(3)]
    assert [set(explore(LOCKS, search)) for search in searches] == [outcomes] * 3
    assert sum(search.interleavings or 0 for search in searches) == whole.completed


def test_parts_of_different_programs_know_it() -> None:
    met = set()
    for program in (RACE, LOCKS, MIXED):
        search = make("dpor", 0, 2)
        explore(program, search)
        met.add(search.met)
    assert len(met) == 3


def test_a_search_that_begins_anew_is_cut_anew() -> None:
    search, expected = make("dpor", 0, 2), make("dpor", 0, 2)
    explore(MIXED, search, limit=20)
    search.widened()
    found = set(explore(RACE, search))
    assert found == set(explore(RACE, expected))
    assert search.interleavings == expected.interleavings


def test_time_that_steps_may_see_leaves_no_step_without_an_alternative() -> None:
    program: Program = ((("local", ""), ("write", "x")), (("local", ""), ("write", "y")))
    exact, any_time = (
        strategies.make("dpor", seed=0, preemptions=None, part=Part(0, 2), exact=exact) for exact in (True, False)
    )
    assert len(explore(program, exact)) < len(explore(program, any_time))


def test_nobody_goes_first_unasked_where_somebody_does_what_is_not_known() -> None:
    tried = []
    for kind in ("unknown", "write"):
        search = DporPart(Part(0, 1), exact=True)
        explore(((("local", ""), ("write", "x")), ((kind, "x" if kind == "write" else ""),)), search)
        tried.append(search.redundant)
    assert tried == [1, 0]


@pytest.mark.parametrize("name", SAMPLING)
def test_each_part_walks_by_a_seed_of_its_own(name: str) -> None:
    walks = {tuple(explore(RACE, make(name, number, 4, seed=seed), limit=5)) for number in range(4) for seed in (0, 1)}
    assert len(walks) == 8
    again = explore(RACE, strategies.make(name, seed=4 * 1 + 2, preemptions=None), limit=5)
    assert explore(RACE, make(name, 2, 4, seed=1), limit=5) == again


def test_the_default_samples_apart_and_searches_its_own_part() -> None:
    whole, met, count = set(enumerate_all(LOCKS)), set(), 0
    for number in range(2):
        search = make("auto", number, 2)
        assert set(explore(LOCKS, search, limit=2000)) - {None} <= whole
        met.add(search.met)
        count += search.interleavings or 0
    reference = Dpor()
    explore(LOCKS, reference)
    assert (len(met), count) == (1, reference.completed)


def test_a_border_that_is_hard_to_find_is_not_looked_for_for_ever() -> None:
    found = Border(Part(0, 4))
    rounds = 0
    while not (rounds and found.settles()):
        found.deepen()
        rounds += 1
        for _ in range(10):
            found.begins()
        found.is_mine([rounds], crosses=True)
    assert rounds == border.COSTS * border.EACH * 4 / 10 + 0.2


def test_a_part_is_written_as_people_count() -> None:
    assert str(Part(0, 8)) == "1/8"
