"""A run that comes to no end, or meets what nobody controls, is no pass in a kata."""

import pytest
from kata_library import Library

TESTS = """
    import pytest
    from boil_water import boil

    @pytest.mark.task(1)
    def test_hot(race):
        race.explore(lambda: boil(1), {settings})

    @pytest.mark.task(2)
    def test_more():
        assert boil(2)
"""
PIPE = """
    import os
    import threading

    def boil(litres):
        ours, theirs = os.pipe()
        threading.Thread(target=os.write, args=(theirs, b"hot")).start()
        with os.fdopen(ours, "rb") as kettle, os.fdopen(theirs, "wb"):
            return os.read(kettle.fileno(), 3)
"""
CHANCE = """
    import itertools
    import threading

    number = itertools.count()

    class Cup:
        sips = 0

    def boil(litres):
        cup, often = Cup(), next(number) % 2

        def drink():
            if often:
                cup.sips += 1
            cup.sips = 5
            with threading.Lock():
                cup.sips = 6

        threads = [threading.Thread(target=drink) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [cup]
"""


def run(pytester: pytest.Pytester, library: Library, solution: str, settings: str) -> pytest.RunResult:
    """Test a solution in an exploration with these settings."""
    library.write("katas/tea/boil_water/test_boil_water.py", TESTS.format(settings=settings))
    library.write("katas/tea/boil_water/boil_water.py", solution)
    return pytester.runpytest_inprocess("katas", "--junitxml=report.xml")


@pytest.mark.slow
def test_what_is_unfinished_is_no_pass(pytester: pytest.Pytester, runnable: Library) -> None:
    settings = "schedules=10**9, seconds=0.05, strategy='random'"
    result = run(pytester, runnable, "def boil(litres):\n    return 'hot'", settings)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        ["unfinished: 0.05 s were used up, after *", "This is no pass, *", "*--race-seconds=60"]
    )
    result.stdout.no_fnmatch_line("*all tasks done*")


@pytest.mark.slow
def test_what_is_uncontrolled_is_no_pass(pytester: pytest.Pytester, runnable: Library) -> None:
    result = run(pytester, runnable, PIPE, "schedules=1")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        [
            "uncontrolled: main waited outside *boil_water.py:8: return os.read(*",
            "This is no pass, *",
            "*within the functions of the contract: heat",
        ]
    )
    result.stdout.no_fnmatch_line("*all tasks done*")


def test_chance_is_no_reason_to_fail(pytester: pytest.Pytester, runnable: Library) -> None:
    result = run(pytester, runnable, CHANCE, "schedules=20, strategy='dfs'")
    result.assert_outcomes(passed=2)
    assert "unfinished: not deterministic" in (pytester.path / "report.xml").read_text(encoding="utf-8")
