"""What an exploration has shown stands in `--junitxml`, too: grade, count of schedules, the command that replays it."""

import xml.etree.ElementTree as ET

import pytest

pytestmark = pytest.mark.slow

TESTS = """
import pytest

def explored(race, wanted):
    def scenario():
        box = [0]
        def add():
            box[0] += 1
        race.run(add, add)
        assert box[0] >= wanted
    race.explore(scenario, strategy="dpor", races="ignore")

def test_fails(race):
    explored(race, 2)

def test_right(race):
    explored(race, 1)

@pytest.mark.race(schedules=5, strategy="random")
def test_marked():
    pass

def test_twice(race):
    explored(race, 1)
    explored(race, 2)

def test_plain():
    pass
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_grade_schedules_and_replay_are_properties(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    pytester.makepyfile(test_it=TESTS)
    result = pytester.runpytest_subprocess(*("-p", "no:asyncio"), *workers, "--junitxml=report.xml")
    result.assert_outcomes(passed=3, failed=2)
    found: dict[str, list[tuple[str, str]]] = {}
    for case in ET.parse(pytester.path / "report.xml").iter("testcase"):
        told = [(each.attrib["name"], each.attrib["value"]) for each in case.iter("property")]
        found[case.attrib["name"]] = [(name, value) for name, value in told if name.startswith("race-")]
    grade, schedules, replay = found["test_fails"]
    assert grade == ("race-grade", "failed")
    assert schedules[0] == "race-schedules"
    assert f"(schedule {schedules[1]})" in (pytester.path / "report.xml").read_text()
    assert replay[0] == "race-replay"
    assert replay[1].startswith("pytest test_it.py::test_fails --race-replay=1-")
    assert replay[1] in result.stdout.str()
    assert [name for name, _ in found["test_right"]] == ["race-grade", "race-schedules"]
    assert found["test_right"][0] == ("race-grade", "proved")
    assert found["test_marked"] == [("race-grade", "sampled"), ("race-schedules", "5")]
    assert [value for name, value in found["test_twice"] if name == "race-grade"] == ["proved", "failed"]
    assert found["test_plain"] == []
