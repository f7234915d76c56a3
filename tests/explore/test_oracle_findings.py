"""Each oracle finds its habit, tells it with the lines, and finds nothing in right programs."""

import threading
import time

import pytest
from oracle_cases import busy, locks, waits
from oracle_cases.case import CASES, Case, S, two
from programs import right, small
from programs.program import Program

import pytest_concurrency
from pytest_concurrency import ConcurrencyError, Grade, explore
from pytest_concurrency._explore.judging import FOUND

FILES = (busy, locks, waits)  # importing them fills CASES
WRONG = [pytest.param(case, id=case.scenario.__name__) for case in CASES if case.is_wrong]
RIGHT = [pytest.param(case, id=case.scenario.__name__) for case in CASES if not case.is_wrong]
ALL_ON = dict.fromkeys((name for name in FOUND if name != "serialised"), "fail")
TOLD = {
    "busy_waiting": ("busy waiting", "asks"),
    "sleep_ordering": ("sleep as synchronisation", "wakes from sleep(1)"),
    "ignored_timeouts": ("ignored time-out", "gave up"),
    "kept_locks": ("stays taken when", "raises, called at"),
    "starvation": ("starvation", "waits at"),
    "serialised": ("serialised: in no schedule", "inside"),
    "outliving_threads": ("outliving thread", "started at"),
}


def judged(case: Case) -> ConcurrencyError | None:
    settings = {"schedules": 40, "seconds": 5.0, case.oracle: "fail", **case.extra}
    return explore(case.scenario, **settings).error


@pytest.mark.parametrize("case", WRONG)
def test_the_habit_is_found_and_told(case: Case) -> None:
    error = judged(case)
    assert type(error) is FOUND[case.oracle], error
    headline, evidence = TOLD[case.oracle]
    text = str(error)
    assert headline in text
    assert evidence in text
    assert "likely cause" in text
    assert "oracle_cases/" in text or case.oracle == "serialised"


@pytest.mark.parametrize("case", RIGHT)
def test_the_right_way_is_accepted(case: Case) -> None:
    error = judged(case)
    assert error is None, error


@pytest.mark.slow
@pytest.mark.parametrize("program", [*right.PROGRAMS, *small.PROGRAMS], ids=lambda program: program.name)
def test_no_right_program_alarms(program: Program) -> None:
    names = ["work", "put", "notifier", "produce", "write"]
    settings = {"schedules": 4, "seconds": 2.0, "watch": ["programs"], "inject": names, **ALL_ON}
    error = explore(program.scenario, **settings).error  # type: ignore[arg-type] # one dict for all keywords
    assert error is None, error


@pytest.mark.parametrize("name", ["attr_sleep", "sleeps_to_order", "event_ignored", "no_join", "cond_ignored"])
def test_a_finding_is_replayed_with_equal_text(name: str) -> None:
    case = next(each for each in CASES if each.scenario.__name__ == name)
    settings = {"schedules": 40, case.oracle: "fail", **case.extra}
    first = explore(case.scenario, **settings)
    assert first.replay or first.grade is Grade.FAILED
    again = explore(case.scenario, replay=first.replay, **settings)
    assert str(again.error) == str(first.error)
    assert type(again.error) is type(first.error)


def test_without_a_setting_nothing_is_judged() -> None:
    case = next(each for each in CASES if each.scenario.__name__ == "attr_sleep")
    assert explore(case.scenario, schedules=5).error is None


@pytest.mark.parametrize(("schedules", "further"), [(4, 4), (100, 10), (400, 20)])
def test_the_runs_in_which_time_passes_early_are_few(schedules: int, further: int) -> None:
    calls: list[int] = []

    def scenario() -> None:
        calls.append(1)
        threads = [threading.Thread(target=time.sleep, args=(1,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    verdict = explore(scenario, schedules=schedules, strategy="random", ignored_timeouts="fail")
    assert verdict.schedules == schedules
    assert len(calls) - schedules in (further, further + 1)  # one to replay the outcome by


def test_a_loop_that_nobody_ends_is_no_progress_soon() -> None:
    def scenario() -> None:
        two(lambda: _spin(state), lambda: _spin(state))

    state = S()
    assert type(explore(scenario, schedules=5).error) is pytest_concurrency.NoProgressFound


def _spin(state: S) -> None:
    while not state.done:
        pass


def test_a_spinning_task_lets_time_pass() -> None:
    def scenario() -> int:
        state = S()

        def later() -> None:
            time.sleep(3)
            state.done = True

        two(lambda: _spin(state), later)
        return 1

    verdict = explore(scenario, schedules=3)
    assert verdict.grade is not Grade.FAILED
    assert set(verdict.outcomes) == {"1"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"busy_waiting": "yes"}, "busy_waiting must be one of ignore, fail, got 'yes'"),
        ({"inject": "work"}, "inject is for kept_locks='fail', got kept_locks='ignore'"),
        ({"kept_locks": "fail", "inject": 3}, "inject must be a function, its name, or a list of them, got 3"),
        ({"starvation": "fail", "bound": 0}, "bound must be a whole number >= 1, got 0"),
    ],
)
def test_misuse_is_refused_in_one_line(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=r"must|is for") as caught:
        explore(lambda: None, **settings)  # type: ignore[arg-type] # on purpose
    assert str(caught.value) == message


def test_an_unknown_keyword_is_refused() -> None:
    with pytest.raises(TypeError, match=r"an oracle must be one of busy_waiting, .*, got 'busywaiting'"):
        explore(lambda: None, busywaiting="fail")
