"""A failure is shown again, in the same words: in this process, in others, and after an edit elsewhere."""

import itertools
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest
from controlled import failed
from programs import bugs
from programs.program import Program

from pytest_concurrency import Grade, explore
from pytest_concurrency._core.schedule import Schedule, decode
from pytest_concurrency._explore import investigation
from pytest_concurrency._explore.investigation import Investigation
from pytest_concurrency._machine import real


class Account:
    def __init__(self) -> None:
        self.balance = 100

    def withdraw(self, n: int) -> None:
        if self.balance >= n:
            self.balance -= n


def together(*bodies: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=body) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def overdraw() -> None:
    account = Account()
    threads = [threading.Thread(target=account.withdraw, args=(70,), name=name) for name in "AB"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert account.balance >= 0


def owner(scenario: Callable[..., Any]) -> str:
    return f"{scenario.__module__}.{scenario.__qualname__.rpartition('<locals>.')[2]}"


@pytest.mark.slow
def test_replays_give_the_same_text_every_time() -> None:
    verdict = failed(overdraw)
    texts = {str(explore(overdraw, replay=verdict.replay)) for _ in range(20)}
    assert texts == {str(verdict)}


def test_a_replay_is_one_schedule() -> None:
    again = explore(overdraw, replay=failed(overdraw).replay)
    assert again.grade is Grade.FAILED
    assert again.schedules == 1


def test_what_the_lanes_show_of_a_value_runs_nothing_of_it() -> None:
    """The words of a thread ask it whether it lives, which is an operation of a run."""

    def scenario() -> None:
        threads, counts = {}, []
        for name in "ab":
            threads[name] = threading.Thread(target=lambda: counts.append(len(counts)))
            threads[name].start()
        assert threads["a"] is not threads["b"]
        assert counts != [0]
        for each in threads.values():
            each.join()

    verdict = failed(scenario)
    assert verdict.replay
    assert "<Thread" not in str(verdict)
    assert str(explore(scenario, replay=verdict.replay)) == str(verdict)


def test_the_report_has_the_call_that_replays_it() -> None:
    verdict = failed(overdraw)
    assert f"  explore(overdraw, replay={verdict.replay!r})" in str(verdict).splitlines()


def test_the_lanes_tell_values_and_the_cause() -> None:
    text = str(failed(overdraw))
    assert text.splitlines()[0] == "main raised AssertionError: assert -40 >= 0"
    assert re.search(r"^  \. +\* +\.  .*if self\.balance >= n:$", text, re.MULTILINE)
    assert "read balance = 100" in text
    assert "write balance = -40" in text
    assert "from the read to the write must be one critical section" in " ".join(text.split())
    assert max(map(len, text.splitlines()[4:])) <= 80


def minimal(scenario: Callable[[], Any], token: str) -> list[str]:
    """Return each schedule with one switch less that still fails in the same way."""
    schedule = decode(token, owner(scenario))
    headline = str(explore(scenario, replay=token)).splitlines()[0]
    smaller = []
    for at in range(len(schedule.marks)):
        less = Schedule(schedule.scenario, schedule.marks[:at] + schedule.marks[at + 1 :])
        verdict = explore(scenario, replay=less.encode())
        if verdict.grade is Grade.FAILED and str(verdict).splitlines()[0] == headline:
            smaller.append(less.encode())
    return smaller


@pytest.mark.slow
def test_a_failure_is_shown_minimised() -> None:
    for strategy in ("auto", "random", "pct", "dfs"):
        assert minimal(overdraw, failed(overdraw, strategy=strategy).replay) == []


def test_a_failure_of_every_schedule_needs_no_switch() -> None:
    def scenario() -> None:
        raise ValueError("always")

    assert decode(failed(scenario, strategy="random").replay, owner(scenario)).marks == ()


@pytest.mark.soak
@pytest.mark.parametrize("program", [pytest.param(each, id=each.name) for each in bugs.PROGRAMS])
def test_every_bug_is_shown_again_and_minimised(program: Program) -> None:
    verdict = failed(program.scenario)
    if "could not be replayed" in str(verdict):
        pytest.fail(str(verdict))
    assert {str(explore(program.scenario, replay=verdict.replay)) for _ in range(3)} == {str(verdict)}
    assert minimal(program.scenario, verdict.replay) == []


BANK = """
    import sys, threading
    from pytest_concurrency import explore

    class Account:
        def __init__(self):
            self.balance = 100

        def withdraw(self, n):
            if self.balance >= n:
                self.balance -= n

    def scenario():
        account = Account()
        threads = [threading.Thread(target=account.withdraw, args=(70,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert account.balance >= 0

    if __name__ == "__main__":
        verdict = explore(scenario, replay=sys.argv[1] if sys.argv[1:] else None)
        print(verdict)
        print(verdict.replay)
"""


def bank(folder: Path, *arguments: str, text: str = BANK, **environment: str) -> list[str]:
    script = folder / "bank.py"
    script.write_text(dedent(text), encoding="utf-8")
    command = [sys.executable, str(script), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=30, check=True, cwd=folder, env={"PATH": "", **environment}
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.soak
def test_another_process_shows_the_same_text(tmp_path: Path) -> None:
    first = bank(tmp_path, PYTHONHASHSEED="1")
    assert bank(tmp_path, PYTHONHASHSEED="2") == first
    assert bank(tmp_path, first[-1], PYTHONHASHSEED="3") == first


@pytest.mark.soak
def test_a_replay_survives_an_edit_elsewhere(tmp_path: Path) -> None:
    first = bank(tmp_path)
    edited = BANK.replace(
        "    class Account:", "    LIMIT = 3\n\n    def other():\n        return LIMIT\n\n    class Account:"
    )
    edited = edited.replace("        account = Account()\n", "        account = Account()\n        assert account\n")
    again = bank(tmp_path, first[-1], text=edited)
    assert again[0] == first[0]
    assert again[-1] == first[-1]


@pytest.mark.soak
def test_a_replay_says_where_it_left_the_record(tmp_path: Path) -> None:
    first = bank(tmp_path)
    mended = BANK.replace("            if self.balance >= n:\n                self.balance -= n", "            pass")
    text = bank(tmp_path, first[-1], text=mended)[0]
    left = r"sampled: the replay left the record: switch 1 of \d, in task \d, was never reached \(at once\).*"
    assert re.fullmatch(left, text)


@pytest.mark.soak
def test_a_replay_of_what_is_mended_says_so(tmp_path: Path) -> None:
    first = bank(tmp_path)
    mended = BANK.replace("assert account.balance >= 0", "assert account.balance >= -100")
    assert bank(tmp_path, first[-1], text=mended)[0] == "sampled: the replayed schedule does not fail any more"


@pytest.mark.slow
def test_where_making_it_small_took_too_long_the_whole_schedule_is_the_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    def shrunk(self: Any, *_: Any) -> tuple[()]:
        self.deadline = 0.0
        return ()

    def scenario() -> None:
        account = Account()
        together(*[lambda: account.withdraw(70)] * 2)
        for _ in range(600):
            account.balance = int(account.balance)
        assert account.balance >= 0

    with monkeypatch.context() as patched:
        patched.setattr(Investigation, "_shrunk", shrunk)
        verdict = failed(scenario)
    assert "note:" not in str(verdict)
    assert explore(scenario, replay=verdict.replay).grade is Grade.FAILED


COUNT = itertools.count(1)


def test_a_second_run_may_differ_for_other_reasons() -> None:
    def scenario() -> None:
        together(*[lambda: None] * 2)
        assert next(COUNT) != 2, "the second time"

    verdict = failed(scenario, strategy="random")
    told = " ".join(str(verdict).split())
    assert "note: a second run of the same schedule was different: it did not fail; it depends on more than" in told
    assert "to see it again, explore again in a new process, with the same seed and no replay" in told
    assert verdict.replay == ""


def test_an_error_of_a_class_that_the_scenario_makes_is_the_same_each_time() -> None:
    def scenario() -> None:
        class Overdrawn(Exception):
            pass

        account = Account()
        together(lambda: account.withdraw(70), lambda: account.withdraw(70))
        if account.balance < 0:
            raise Overdrawn

    verdict = failed(scenario)
    assert "note:" not in str(verdict)
    assert str(explore(scenario, replay=verdict.replay)) == str(verdict)


@pytest.mark.slow
def test_a_long_token_lies_in_a_file_that_a_replay_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scenario() -> None:
        turns: list[str] = []

        def go(name: str) -> None:
            for _ in range(20):
                turns.append(name)  # noqa: PERF401 # one append each is the point

        together(lambda: go("a"), lambda: go("b"))
        assert sum(one != two for one, two in itertools.pairwise(turns)) < 16

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    verdict = failed(scenario, strategy="random")
    assert len(verdict.replay) > 120
    (file,) = tmp_path.glob("*/*.replay")
    assert f"explore(scenario, replay='{file}')" in str(verdict)
    assert str(explore(scenario, replay=str(file))) == str(explore(scenario, replay=verdict.replay)) == str(verdict)


def test_a_busy_machine_shrinks_as_far_as_an_idle_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second by the clock passes before each run of the shrinking, in which others had the processor."""
    idle = failed(overdraw, strategy="random", seed=3)
    begun, late = real.monotonic(), itertools.count()
    slow = SimpleNamespace(process_time=real.process_time, monotonic=lambda: begun + 0.5 * next(late))
    monkeypatch.setattr(investigation, "real", slow)
    busy = failed(overdraw, strategy="random", seed=3)
    assert next(late) > 7, "more than three seconds of it"
    assert busy.replay == idle.replay
