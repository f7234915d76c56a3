"""`shards`: one exploration as several tests, which the workers of pytest-xdist share, with one verdict on all."""

import shlex
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BOX = """
import os
import threading
import pytest

class Box:
    def __init__(self):
        self.n = 0
        self.lock = threading.Lock()

    def add(self):
        self.n += 1

    def safely(self):
        with self.lock:
            self.n += 1

def side_by_side(*functions):
    threads = [threading.Thread(target=each) for each in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""
WRONG = """
@pytest.mark.race(shards=3)
def test_wrong():
    box = Box()
    side_by_side(box.add, box.add)
    assert box.n == 2
"""
RIGHT = """
@pytest.mark.race(shards=3, require="proved")
def test_right():
    box = Box()
    side_by_side(box.safely, box.safely)
    assert box.n == 2
"""
OTHER = """
@pytest.mark.race(shards=2{more})
def test_other(request):  # not the same in each of its parts
    box = Box()
    side_by_side(*[box.safely] * (3 if request.node.name == "test_other[shard 1/2]" else 2))
"""


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:asyncio", *options, timeout=180)


def told(result: pytest.RunResult) -> list[str]:
    """Return the lines about verdicts at the end."""
    lines = iter(result.outlines)
    return [line for line in lines if line.startswith("test_it.py::") and ": " in line]


@pytest.fixture(autouse=True)
def temporary(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let what lies in the folder for temporary files be that of the test."""
    folder = pytester.path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def test_one_failure_stops_all_and_is_replayed_without_parts(pytester: pytest.Pytester, temporary: Path) -> None:
    pytester.makepyfile(test_it=BOX + WRONG)
    result = run(pytester, "-rs")
    result.assert_outcomes(failed=1, skipped=2)
    result.stdout.fnmatch_lines(
        [
            "*_ test_wrong[[]shard 1/3] _*",
            "main raised AssertionError: assert 1 == 2",
            "  pytest test_it.py::test_wrong --race-replay=1-*",
            "SKIPPED [[]2] test_it.py:*: another part of this exploration has failed",
        ]
    )
    assert [each.name for each in temporary.glob("pytest-concurrency-*")] == []
    replay = next(line for line in result.outlines if "--race-replay=" in line)
    again = run(pytester, *shlex.split(replay)[1:])
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines(["*_ test_wrong _*", "main raised AssertionError: assert 1 == 2"])


def test_a_part_stops_in_the_middle_when_another_worker_finds_a_failure(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it=BOX
        + """
def test_it(race, request):
    is_first = request.node.name == "test_it[shard 1/2]"
    while not (is_first or os.path.exists("begun")):
        pass
    def scenario():
        box = Box()
        side_by_side(box.safely, box.safely)
        if is_first:
            open("begun", "w").close()
        assert is_first
    race.explore(scenario, strategy="random", schedules=10**9, seconds=120)
"""
    )
    result = run(pytester, "--race-shards=2", "-n", "2", "-rs")
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines("SKIPPED * another part of this exploration has failed, after * schedules")


@pytest.mark.parametrize("workers", [(), ("-n", "1"), ("-n", "2")])
def test_it_is_proved_by_all_parts_together_and_by_none_alone(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    pytester.makepyfile(test_it=BOX + RIGHT)
    result = run(pytester, "-v", "--junitxml=report.xml", *workers)
    result.assert_outcomes(passed=3)
    (line,) = told(result)
    assert line.startswith("test_it.py::test_right: proved: all ")
    assert line.endswith(" schedules in 3 parts")
    cases = [
        [(each.attrib["name"], each.attrib["value"]) for each in case.iter("property")]
        for case in ET.parse(pytester.path / "report.xml").iter("testcase")
    ]
    assert sorted(case[0][1].partition(":")[0] for case in cases) == ["1/3", "2/3", "3/3"]
    assert all(case[0][0] == "race-part" for case in cases)
    complete = [case for case in cases if len(case) > 1]
    assert [[name for name, _ in case[1:]] for case in complete] == [["concurrency", "race-grade", "race-schedules"]]
    assert complete[0][2] == ("race-grade", "proved")
    assert f"in {complete[0][3][1]} schedules in 3 parts" in line


def test_who_ran_alone_leaves_it_unfinished(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=BOX + RIGHT.replace(', require="proved"', ""))
    result = run(pytester, "test_it.py::test_right[shard 2/3]", "--junitxml=report.xml")
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.OK
    assert told(result) == ["test_it.py::test_right: unfinished: 2 of 3 parts have no verdict: 1, 3"]
    suite = next(ET.parse(pytester.path / "report.xml").iter("testsuite"))
    properties = [(each.attrib["name"], each.attrib["value"]) for each in suite.iterfind("properties/property")]
    assert properties[0] == ("race-grade test_it.py::test_right", "unfinished")


def test_a_part_that_is_missing_fails_the_session_where_a_proof_is_required(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=BOX + RIGHT)
    result = run(pytester, "--deselect", "test_it.py::test_right[shard 3/3]")
    result.assert_outcomes(passed=2, deselected=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert told(result) == ["test_it.py::test_right: unfinished: 1 of 3 parts has no verdict: 3, but require=proved"]


def test_a_part_that_died_leaves_it_unfinished(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it=BOX
        + """
@pytest.mark.race(shards=3)
def test_it(request):
    if request.node.name == "test_it[shard 2/3]":
        os._exit(3)
    box = Box()
    side_by_side(box.safely, box.safely)
"""
    )
    result = run(pytester, "-n", "2", "-v")
    result.assert_outcomes(passed=2, failed=1)
    assert told(result) == ["test_it.py::test_it: unfinished: 1 of 3 parts has no verdict: 2"]
    result.stdout.fnmatch_lines("*crashed while running 'test_it.py::test_it[[]shard 2/3]'*")


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_parts_that_were_not_cut_from_the_same_search_prove_nothing(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    why = "schedules in 2 parts, but they do not fit together: they have met other choices or other shared state"
    pytester.makepyfile(test_it=BOX + OTHER.format(more=""))
    result = run(pytester, *workers)
    result.assert_outcomes(passed=2)
    (line,) = told(result)
    assert line.startswith("test_it.py::test_other: unfinished: ")
    assert why in line
    pytester.makepyfile(test_it=BOX + OTHER.format(more=', require="proved"'))
    result = run(pytester, *workers, "--junitxml=report.xml")
    result.assert_outcomes(passed=1, failed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(f"require=proved, but the verdict on all parts is unfinished: * {why}*")
    assert next(ET.parse(pytester.path / "report.xml").iter("testsuite")).attrib["failures"] == "1"


def test_a_part_that_is_too_weak_fails(pytester: pytest.Pytester) -> None:
    marker = "shards=2, require='proved', strategy='random', schedules=11"
    pytester.makepyfile(test_it=f"import pytest\n@pytest.mark.race({marker})\ndef test_it(): pass\n")
    result = run(pytester)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "require=proved, but the verdict on part 1/2 is sampled: 6 schedules",
            "require=proved, but the verdict on part 2/2 is sampled: 5 schedules",
        ]
    )


def test_tests_of_every_kind_are_cut(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it=BOX
        + """
import unittest

class TestBox:
    @pytest.mark.race
    @pytest.mark.parametrize("count", [1, 2])
    def test_it(self, count, tmp_path):
        box = Box()
        side_by_side(*[box.safely] * count)
        assert box.n == count

@pytest.fixture(params="ab")
def letter(request):
    return request.param

def test_twice(race, letter):
    box = Box()
    race.explore(lambda: side_by_side(box.safely, box.safely), schedules=10, strategy="random")
    race.explore(lambda: None)

@pytest.mark.race
async def test_coroutine():
    pass

class TestCase(unittest.TestCase):
    @pytest.mark.race
    def test_whole(self):
        pass

def test_plain():
    pass
"""
    )
    pytester.makeini("[pytest]\nrace_shards = 2\n")
    result = run(pytester, "-v", "-n", "2")
    result.assert_outcomes(passed=12)
    assert dict(line.split(": ")[:2] for line in told(result)) == {
        "test_it.py::TestBox::test_it[1]": "proved",
        "test_it.py::TestBox::test_it[2]": "proved",
        "test_it.py::test_twice[a]": "proved",
        "test_it.py::test_twice[b]": "proved",
        "test_it.py::test_coroutine": "proved",
        "test_it.py::TestCase::test_whole": "proved",
    }
    assert len([line for line in told(result) if "test_twice[a]: sampled: 10 schedules in 2 parts" in line]) == 1


def test_a_part_that_runs_in_each_worker_counts_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=BOX + RIGHT)
    result = run(pytester, "-v", "--tx", "2*popen", "--dist", "each")
    result.assert_outcomes(passed=6)
    (line,) = told(result)
    assert line.startswith("test_it.py::test_right: proved: all 2 interleavings that can differ")


def test_the_nearest_marker_that_speaks_of_parts_counts(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.race(shards=3)
        class TestIt:
            @pytest.mark.race(seed=1)
            def test_of_its_class(self): pass

            @pytest.mark.race(shards=2)
            def test_own(self): pass

            @pytest.mark.race(shards=1)
            def test_whole(self): pass
        """
    )
    run(pytester, "--race-shards=5").assert_outcomes(passed=3 + 2 + 1)


def test_programs_of_hypothesis_are_explored_in_parts(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it="""
from hypothesis import strategies as st

class Stack(list):
    def push(self, value):
        self.append(value)

CALLS = st.lists(st.sampled_from([("push", 1), ("push", 2)]), min_size=1, max_size=2)

def test_linear(race):
    race.linearizable(Stack, CALLS, threads=2, schedules=10)
"""
    )
    result = run(pytester, "--race-shards=2", "-v")
    result.assert_outcomes(passed=2)
    (line,) = told(result)
    assert line.startswith("test_it.py::test_linear: sampled: ")


def test_what_parts_tell_beside_is_told_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it=BOX
        + """
@pytest.mark.race
def test_it():
    box = Box()
    side_by_side(box.add, box.add)
"""
    )
    result = run(pytester, "--race-shards=3")
    result.assert_outcomes(passed=3)
    assert [line.split(": ")[:2] for line in told(result)] == [["test_it.py::test_it", "race"]]
    result.stdout.fnmatch_lines("*  again: pytest test_it.py::test_it --race-replay=1-*")


def test_a_part_tries_first_what_it_has_found_itself(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=BOX + WRONG)
    run(pytester).assert_outcomes(failed=1, skipped=2)
    result = run(pytester, "--lf")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*_ test_wrong[[]shard 1/3] _*", "found in schedule 1:"])
    result = run(pytester, "test_it.py::test_wrong[shard 2/3]")
    assert "found in schedule 1:" not in result.outlines


def test_one_part_is_the_whole(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=BOX + WRONG.replace("shards=3", "shards=1"))
    result = run(pytester, "--race-shards=4")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines("*_ test_wrong _*")


def test_a_call_is_too_late_to_be_cut(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(race): race.explore(lambda: None, shards=2)\n")
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    text = "UsageError: race.explore: shards must stand in the marker, the option or the ini file, got 2 in the call"
    result.stdout.fnmatch_lines(text)


def test_a_strategy_of_ones_own_cannot_be_cut(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import pytest\nfrom pytest_concurrency.strategies import Dpor\n"
        "@pytest.mark.race(shards=2, strategy=Dpor())\ndef test_it(): pass\n"
    )
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        "UsageError: *::test_it: shards must be 1 where the strategy is one of your own*, got 2"
    )
