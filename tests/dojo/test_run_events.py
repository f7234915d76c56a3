"""From events to the view of a run."""

from typing import Any

from pytest_concurrency._dojo import events
from pytest_concurrency._dojo.events import Run
from pytest_concurrency._dojo.states import State


def folded(*found: dict[str, Any]) -> Run:
    run = Run()
    for event in found:
        run = events.fold(run, events.decode(events.encode({"kata": "tea", **event})))
    return run


def end(test: str, outcome: str, task: int = 1) -> dict[str, Any]:
    return {"event": "end", "test": test, "task": task, "outcome": outcome, "line": f"{test}!", "text": "…"}


START = {"event": "start", "whole": True}
FINISH = {"event": "finish", "seconds": 1.5}


def test_a_run_is_followed_to_its_end() -> None:
    run = folded(START, {"event": "begin", "test": "a"})
    assert (run.kata, run.test, run.done, run.state) == ("tea", "a", False, State.AMBER)
    run = folded(START, {"event": "begin", "test": "a"}, end("a", "passed"), end("b", "failed", 2), FINISH)
    assert (run.test, run.done, run.seconds, run.state) == ("", True, 1.5, State.RED)
    assert run.tasks == {1: State.GREEN, 2: State.RED}
    assert run.worst
    assert run.worst.line == "b!"


def test_the_worst_comes_first() -> None:
    run = folded(end("a", "failed"), end("b", "error"), end("c", "hung"), end("d", "not started"))
    assert run.worst
    assert run.worst.test == "c"
    assert folded(end("a", "passed")).worst is None


def test_another_kata_is_passed_over() -> None:
    run = folded(START, {**end("a", "failed"), "kata": "coffee"}, end("b", "passed"))
    assert [each.test for each in run.results] == ["b"]


def test_a_part_is_no_whole() -> None:
    assert not folded({"event": "start", "whole": False}).whole


def test_what_could_not_be_collected_is_amber() -> None:
    run = folded(START, {"event": "trouble", "line": "SyntaxError: x"}, {"event": "trouble", "line": "more"}, FINISH)
    assert (run.state, run.trouble) == (State.AMBER, "SyntaxError: x")


def test_a_hang_belongs_to_the_test_that_ran() -> None:
    run = events.hung(folded(START, {"event": "begin", "test": "b[3]"}), 10, "tea.py:3 in boil", {"b": 2})
    assert (run.state, run.done, run.tasks) == (State.HUNG, True, {2: State.HUNG})
    assert run.worst
    assert run.worst.line == "b[3] did not end within 10 s: it was at tea.py:3 in boil"
    run = events.hung(folded(START), 10, "", {"b": 2})
    assert run.worst
    assert run.worst.line == "the import or the collection did not end within 10 s"
