"""Steps whose effect is known only when they are over: the reduction loses no order that can differ."""

from core.simulation import Machine, Outcome, Program, Step, enumerate_all, operation
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_concurrency._core.operations import WRITE, Operation
from pytest_concurrency._core.strategies.dpor import Dpor
from pytest_concurrency._core.strategy import Redundant

LOOP = ("loop", 1)
ANYTHING: Operation = ("step", ((LOOP, WRITE),))
TO_COME: Operation = ("step to be told", ((LOOP, WRITE),))
STEPS = st.one_of(
    st.tuples(st.sampled_from(["read", "write"]), st.sampled_from(["x", "y", "z"])),
    st.sampled_from([("local", ""), ("unknown", "")]),
)


class Numbers:
    """Gives what is touched a number when a run meets it first: in another order it has another."""

    def __init__(self) -> None:
        self._of: dict[object, int] = {}

    def told(self, step: Step) -> Operation:
        _, accesses = operation(step)
        if accesses is None:
            return ANYTHING
        named = tuple((self._of.setdefault(key, len(self._of)), mode) for key, mode in accesses)
        return "step", ((LOOP, 0), *named)


def run_once(program: Program, strategy: Dpor) -> Outcome | None:
    machine, numbers = Machine(program), Numbers()
    while able := machine.runnable():
        pending = dict.fromkeys(able, TO_COME)
        try:
            chosen = strategy.choose(able, machine.current if machine.current in able else None, pending)
            step = program[chosen][machine.at[chosen]]
            machine.step(chosen)
            strategy.did(numbers.told(step))
        except Redundant:
            return None
    return machine.outcome()


def explored(program: Program, strategy: Dpor) -> list[Outcome | None]:
    outcomes: list[Outcome | None] = []
    while strategy.start_run():
        outcomes.append(run_once(program, strategy))
        strategy.end_run(cut=outcomes[-1] is None)
    return outcomes


@given(st.lists(st.lists(STEPS, min_size=1, max_size=3).map(tuple), min_size=2, max_size=3).map(tuple))
@settings(max_examples=100, deadline=None)
def test_every_order_that_can_differ_is_met(program: Program) -> None:
    assert {*explored(program, Dpor())} - {None} == {*enumerate_all(program)}


def test_steps_that_touch_different_things_need_one_run() -> None:
    program: Program = ((("write", "x"),) * 3, (("write", "y"),) * 3, (("write", "z"),) * 3)
    strategy = Dpor()
    outcomes = explored(program, strategy)
    assert (strategy.completed, strategy.redundant, len(outcomes)) == (1, 0, 1)


def test_who_has_been_tried_goes_again_at_most_once_for_each_order() -> None:
    program: Program = ((("write", "x"), ("write", "y")), (("write", "x"), ("write", "z")))
    strategy = Dpor()
    outcomes = explored(program, strategy)
    assert len({*outcomes} - {None}) == 2 == strategy.completed
    assert strategy.redundant <= 2


def test_what_saves_nothing_is_no_longer_asked_for() -> None:
    program: Program = tuple((("write", "x"),) * 2 for _ in range(4))  # 2,520 orders, and all differ
    strategy = Dpor()
    runs = 0
    while strategy.start_run():
        machine, numbers = Machine(program), Numbers()
        while able := machine.runnable():
            pending = dict.fromkeys(able, TO_COME if strategy.learns else ANYTHING)
            chosen = strategy.choose(able, machine.current if machine.current in able else None, pending)
            step = program[chosen][machine.at[chosen]]
            machine.step(chosen)
            if strategy.learns:
                strategy.did(numbers.told(step))
        strategy.end_run(cut=False)
        runs += 1
    assert (runs, strategy.learns) == (2520, False)
