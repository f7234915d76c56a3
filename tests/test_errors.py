"""Every error of the package can be copied and pickled, and says what users can import."""

import copy
import pickle

import pytest

import pytest_concurrency
from pytest_concurrency import (
    ConcurrencyError,
    ConcurrencyWarning,
    DeadlockFound,
    InternalError,
    RaceFound,
    ReplayError,
    explore,
)
from pytest_concurrency._core import errors
from pytest_concurrency._core.telling.report import LaneStep, Place, Report, TaskState, Waiting

PLACE = Place("bank.py", 12, "withdraw", "balance -= n")
REPORT = Report(
    "what happened",
    error=("AssertionError: why",),
    tasks=(TaskState("A", "waits", PLACE, Waiting("Lock.acquire", "Lock `a`", PLACE, ("B",))),),
    columns=("A", "B"),
    lanes=(LaneStep("A", PLACE, "read balance", "1"),),
    replay="pytest x",
    cause="because",
    notes=("note",),
)


def of_the_module() -> dict[str, type[BaseException]]:
    return {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, BaseException)
    }


def example(kind: type[BaseException]) -> BaseException:
    return kind(REPORT) if issubclass(kind, ConcurrencyError) else kind("the text of it")


@pytest.mark.parametrize("error", [pytest.param(example(kind), id=name) for name, kind in of_the_module().items()])
def test_a_copy_and_a_pickle_are_as_the_original(error: BaseException) -> None:
    others = [copy.copy(error), copy.deepcopy(error)]
    others += [pickle.loads(pickle.dumps(error, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    for other in others:
        assert type(other) is type(error)
        assert str(other) == str(error)
        assert vars(other) == vars(error)
        assert other.args == error.args


def test_a_verdict_of_a_real_exploration_can_be_pickled() -> None:
    shared = [0]

    def scenario() -> None:
        raise ValueError(shared)

    error = explore(scenario).error
    assert type(error) is RaceFound
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert again.report == error.report


@pytest.mark.parametrize("name", pytest_concurrency.__all__)
def test_public_names_say_where_users_find_them(name: str) -> None:
    assert getattr(pytest_concurrency, name).__module__ == "pytest_concurrency"


def test_every_verdict_is_public() -> None:
    verdicts = {name for name, kind in of_the_module().items() if issubclass(kind, ConcurrencyError)}
    assert verdicts <= set(pytest_concurrency.__all__)


def test_the_three_kinds_never_mix() -> None:
    for name, kind in of_the_module().items():
        kinds = [issubclass(kind, each) for each in (ConcurrencyError, ValueError, InternalError, Warning)]
        expected = 0 if name in ("NotDeterministicError", "PatchedError") else 1
        assert sum(kinds) == expected, name
    assert issubclass(ConcurrencyError, AssertionError)


def test_messages() -> None:
    assert str(DeadlockFound(Report("deadlock: A waits for ever"))) == "deadlock: A waits for ever"
    assert str(errors.NotDeterministicError("a.py:3")) == "not deterministic at a.py:3"
    assert str(errors.NotDeterministicError()) == "not deterministic at an unknown place"
    assert str(InternalError("no baton")) == "no baton (a bug in pytest-concurrency; please report it)"
    assert str(ReplayError("replay must be x, got 'y'")) == "replay must be x, got 'y'"
    assert str(ConcurrencyWarning("nothing was watched")) == "nothing was watched"
