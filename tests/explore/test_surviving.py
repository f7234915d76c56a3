"""State that survives a schedule hides what only the first could show: it is named, and nothing is proved."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_concurrency import Grade, explore


class Thing:
    """A class with an attribute that is made when it is wanted first."""

    made: Any = None


_single: Any = None
_cache: dict[str, Any] = {}
_counter = 0


def both(work: Callable[[], object]) -> None:
    threads = [threading.Thread(target=work) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def single() -> None:
    global _single
    if _single is None:
        _single = Thing()


def of_class() -> None:
    if Thing.made is None:
        Thing.made = Thing()


def cached() -> None:
    if "a" not in _cache:
        _cache["a"] = Thing()


def told(work: Callable[[], object]) -> str:
    verdict = explore(lambda: both(work))
    assert verdict.grade is Grade.SAMPLED, str(verdict)
    return verdict.reason


def test_a_global_that_is_made_once_is_named() -> None:
    assert "no proof: test_surviving._single survived the first of them" in told(single)


def test_an_attribute_of_a_class_is_named() -> None:
    assert "no proof: test_surviving.Thing.made survived" in told(of_class)


def test_a_cache_that_is_warm_is_named() -> None:
    assert "no proof: test_surviving._cache survived" in told(cached)


def test_what_every_schedule_makes_anew_is_no_such_state() -> None:
    def scenario() -> None:
        global _counter
        _counter = 0

        def add() -> None:
            global _counter
            _counter += 1

        thread = threading.Thread(target=add)
        thread.start()
        thread.join()
        assert _counter == 1

    verdict = explore(scenario)
    assert verdict.grade is Grade.PROVED, str(verdict)


def test_what_the_scenario_closes_over_is_named() -> None:
    made: dict[str, Thing] = {}

    def once() -> None:
        if "a" not in made:
            made["a"] = Thing()

    assert "no proof: made survived the first of them" in told(once)


def test_what_lies_outside_is_not_given_back_with_what_counts_it(tmp_path: Path) -> None:
    made = [0]

    def scenario() -> None:
        made[0] += 1
        (tmp_path / str(made[0])).touch(exist_ok=False)
        both(int)

    verdict = explore(scenario, strategy="dpor")
    assert (verdict.grade, verdict.schedules) == (Grade.SAMPLED, len(list(tmp_path.iterdir()))), verdict


def test_nor_where_a_proof_begins_again(tmp_path: Path) -> None:
    made = [0]

    def scenario() -> int:
        made[0] += 1
        (tmp_path / str(made[0])).touch(exist_ok=False)
        return 1

    verdict = explore(scenario, strategy="dpor")
    assert verdict.grade is Grade.SAMPLED, verdict
