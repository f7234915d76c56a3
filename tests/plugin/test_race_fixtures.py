"""Marked tests with what pytest itself offers a test: folders of its own, and subtests."""

import pytest

pytestmark = pytest.mark.slow
GO = """
import threading, unittest
import pytest

def go(*jobs):
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads: thread.start()
    for thread in threads: thread.join()

class Till:
    def __init__(self):
        self.sum = 0
    def add(self):
        self.sum += 1
"""
FOLDERS = """
@pytest.fixture
def deep(tmp_path):
    return tmp_path

@pytest.mark.race
@pytest.mark.parametrize("asked", ["tmp_path", "tmpdir", "deep"])
def test_it(request, asked):
    folder = request.getfixturevalue(asked)
    with open("seen", "a") as file:  # what runs that are no schedules of the search leave in memory is given back
        file.write(f"{folder}\\n")
    with open(folder / "note", "x") as file:
        file.write("1")
    till = Till()
    go(till.add, till.add)

def test_folders():
    import os
    with open("seen") as file:
        seen = file.read().split()
    assert len(seen) > 6
    assert len({each for each in seen if os.path.exists(each)}) == 3
"""
PASS = """
@pytest.mark.race
def test_pytest(subtests):
    go(lambda: None, lambda: None)
    for number in range(3):
        with subtests.test("tills", number=number):
            if number == 1:
                pytest.skip("closed")

class TestTills(unittest.TestCase):
    @pytest.mark.race
    def test_unittest(self):
        go(lambda: None, lambda: None)
        for number in range(3):
            with self.subTest(number=number):
                if number == 1:
                    self.skipTest("closed")
"""
FAIL = """
@pytest.mark.race
def test_pytest(subtests):
    till = Till()
    go(till.add, till.add)
    with subtests.test("tills", number=1):
        assert till.sum == 2

class TestTills(unittest.TestCase):
    @pytest.mark.race
    def test_unittest(self):
        till = Till()
        go(till.add, till.add)
        with self.subTest(number=1):
            self.assertEqual(till.sum, 2)
"""
SLEEPY = """
import time

@pytest.fixture(autouse=True)
def noted(monkeypatch):
    slept, sleep = [], time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: (slept.append(seconds), sleep(seconds)))
    return slept

@pytest.mark.race
def test_it(noted):
    go(lambda: time.sleep(3600), lambda: None)
    assert noted == [3600]
"""
needs_subtests = pytest.mark.skipif(pytest.version_tuple < (9, 0), reason="pytest has subtests from 9.0")


def run(pytester: pytest.Pytester, test: str) -> pytest.RunResult:
    pytester.makepyfile(GO + test)
    return pytester.runpytest("-p", "no:asyncio", "-rA", "-v")


def test_each_schedule_has_a_folder_and_only_the_last_stays(pytester: pytest.Pytester) -> None:
    run(pytester, FOLDERS).assert_outcomes(passed=4)


@needs_subtests
def test_subtests_that_pass_are_reported_once(pytester: pytest.Pytester) -> None:
    result = run(pytester, PASS)
    assert result.parseoutcomes() == {"passed": 2, "subtests": 4, "skipped": 2}
    result.stdout.fnmatch_lines(["*::test_pytest SUBSKIPPED?tills? (number=1)*", "*_unittest SUBSKIPPED(number=1)*"])


@needs_subtests
def test_a_subtest_that_fails_in_some_schedule_is_told_with_it(pytester: pytest.Pytester) -> None:
    result = run(pytester, FAIL)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["  in subtest ?tills? number=1", "interleaving"])
    result.stdout.fnmatch_lines(["*test_unittest*", "main raised AssertionError: 1 != 2", "interleaving"])


def test_a_fixture_that_replaces_a_name_of_the_library_finds_the_double(pytester: pytest.Pytester) -> None:
    result = run(pytester, SLEEPY)
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*uncontrolled*")


CHECKED = """
import pytest

@pytest.fixture
def box():
    items = []
    yield items
    assert len(items) == 2

@pytest.mark.race
@pytest.mark.parametrize("items", [2, 1])
def test_marked(box, items):
    import threading
    threads = [threading.Thread(target=box.append, args=(1,)) for _ in range(items)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


@pytest.mark.slow
def test_what_a_fixture_checks_at_its_end_is_checked_of_schedules_that_came_to_theirs(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(CHECKED)
    done = pytester.runpytest("-p", "no:asyncio", "--tb=short")
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(["*found in schedule 1*", "*assert 1 == 2*"])


SHARED = """
class Shelf:
    def __init__(self):
        self.books = []

@pytest.fixture(scope="module")
def shelf():
    return Shelf()

@pytest.fixture
def below(shelf, tmp_path):
    return tmp_path, shelf

def fill(shelf):
    def look():
        assert shelf.books
    go(lambda: shelf.books.append(1), look)

@pytest.mark.race(strategy="dpor")
def test_given(shelf):
    fill(shelf)

@pytest.mark.race(strategy="dpor")
def test_given_to_another(below):
    fill(below[1])
"""


@pytest.mark.parametrize("name", ["test_given", "test_given_to_another"])
def test_what_a_fixture_of_the_module_keeps_is_given_back(pytester: pytest.Pytester, name: str) -> None:
    pytester.makepyfile(test_it=GO + SHARED)
    result = pytester.runpytest_subprocess(f"test_it.py::{name}")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["Thread-2 (look) raised AssertionError: *", "  pytest test_it.py::* --race-replay=*"])


MADE = """
@pytest.fixture(scope="module")
def shelf():
    return []

@pytest.mark.race(strategy="dpor")
def test_asks_for_it(request):
    books = request.getfixturevalue("shelf")
    def look():
        assert books
    go(lambda: books.append(1), look)
"""


def test_what_a_schedule_asks_for_and_the_module_keeps_is_no_proof(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=GO + MADE)
    result = pytester.runpytest_subprocess("--race-require=proved")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*require=proved, but the verdict is sampled: *"])
