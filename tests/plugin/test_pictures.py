"""`--race-html` and `--race-trace`: a file of this session and no other, whatever ends it, from all its processes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

RACY = """
import pytest

def explored(race):
    def scenario():
        box = [0]
        def add():
            box[0] += 1
        race.run(add, add)
        assert box[0] == 2
    race.explore(scenario)

def test_one(race):
    explored(race)

def test_other(race):
    explored(race)

def test_expects_it(race):
    with pytest.raises(AssertionError):
        explored(race)
"""
RIGHT = "def test_right(race):\n    race.explore(lambda: None)\n"
PLAIN = ("-p", "no:asyncio", "-p", "no:cacheprovider")


def titles(page: Path) -> tuple[str, list[str]]:
    """The page's heading, and the tests that it shows."""
    text = page.read_text(encoding="utf-8")
    shown = re.findall(r"<h2 [^>]*>([^<]*)<", text)
    return text.partition("<h1>")[2].partition("</h1>")[0], shown


def traced(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_each_test_that_fails_is_in_both_files(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    pytester.makepyfile(test_racy=RACY, test_right=RIGHT)
    result = pytester.runpytest_subprocess(*PLAIN, *workers, "--race-html=made/page.html", "--race-trace=trace.json")
    result.assert_outcomes(passed=2, failed=2)
    heading, shown = titles(pytester.path / "made" / "page.html")
    assert heading == "2 failing explorations"
    assert sorted(shown) == ["test_racy.py::test_one", "test_racy.py::test_other"]
    trace = traced(pytester.path / "trace.json")
    assert trace["otherData"]["ended"] is True
    assert len(trace["otherData"]["failures"]) == 2
    assert {event["ph"] for event in trace["traceEvents"]} >= {"X", "M"}
    result.stdout.fnmatch_lines(
        ["*- generated race html file: *page.html -*", "*- generated race trace file: *trace.json -*"]
    )


def test_a_page_of_a_session_before_is_gone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_racy=RACY, test_right=RIGHT)
    page = pytester.path / "page.html"
    pytester.runpytest(*PLAIN, "test_racy.py", "--race-html", str(page)).assert_outcomes(passed=1, failed=2)
    assert titles(page)[0] == "2 failing explorations"
    pytester.runpytest(*PLAIN, "test_right.py", "--race-html", str(page)).assert_outcomes(passed=1)
    assert titles(page) == ("No failing exploration", [])


@pytest.mark.parametrize(
    ("end", "heading"),
    [
        ("raise KeyboardInterrupt", "2 failing explorations"),
        ("import os; os._exit(3)", "2 failing explorations so far: the session has not ended"),
    ],
)
def test_it_is_written_also_when_the_session_is_broken_off(pytester: pytest.Pytester, end: str, heading: str) -> None:
    pytester.makepyfile(test_racy=RACY, test_then=f"def test_end():\n    {end}\n")
    pytester.runpytest_subprocess(*PLAIN, "--race-html=page.html", "--race-trace=trace.json")
    assert titles(pytester.path / "page.html")[0] == heading
    assert len(traced(pytester.path / "trace.json")["otherData"]["failures"]) == 2


def test_it_says_that_the_session_goes_on(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "def test_it():\n    text = open('page.html').read()\n    assert '<h1>The session has not ended</h1>' in text\n"
    )
    pytester.runpytest_subprocess(*PLAIN, "--race-html=page.html").assert_outcomes(passed=1)


@pytest.mark.parametrize("file", ["folder", "file/page.html", ""])
@pytest.mark.parametrize("kind", ["html", "trace"])
def test_a_file_that_cannot_be_written_is_refused_at_once(pytester: pytest.Pytester, kind: str, file: str) -> None:
    pytester.makepyfile(test_racy=RACY)
    pytester.mkdir("folder")
    (pytester.path / "file").touch()
    result = pytester.runpytest_subprocess(*PLAIN, f"--race-{kind}={file}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in result.errlines if line]
    assert line.startswith(f"ERROR: --race-{kind} must be a file that can be written, got {file!r} (")
    assert "test session starts" not in result.stdout.str() or "collected" not in result.stdout.str()


def test_one_file_for_both_is_refused(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess(*PLAIN, "--race-html=one", "--race-trace=one")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: --race-html and --race-trace must be two files, got 'one' twice" in result.errlines


@pytest.mark.parametrize("kind", ["html", "trace"])
def test_a_file_of_something_else_is_left_alone(pytester: pytest.Pytester, kind: str) -> None:
    test = pytester.makepyfile(test_right=RIGHT)
    result = pytester.runpytest("-p", "no:asyncio", f"--race-{kind}", "test_right.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"ERROR: --race-{kind} must be a file to write into, got the Python file 'test_right.py'"]
    )
    assert test.read_text(encoding="utf-8") == RIGHT.strip()
    result = pytester.runpytest("-p", "no:asyncio", f"--race-{kind}=it.xml", "--junitxml=./it.xml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --race-{kind} and --junitxml must be two files, got './it.xml' twice"])


def test_a_file_is_named_as_for_junit(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(pytester.path / "home"))
    monkeypatch.setenv("PAGES", "pages")
    pytester.makepyfile(test_right=RIGHT)
    pytester.runpytest("-p", "no:asyncio", "--race-html=~/$PAGES/it.html", "--race-trace=$PAGES/it.json")
    assert (pytester.path / "home/pages/it.html").is_file()
    assert (pytester.path / "pages/it.json").is_file()


def test_a_listing_leaves_the_file_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_racy=RACY)
    page = pytester.path / "page.html"
    page.write_text("kept")
    for listing in ("--collect-only", "--fixtures", "--help"):
        pytester.runpytest_subprocess(*PLAIN, listing, "--race-html=page.html")
    assert page.read_text() == "kept"


def test_verdicts_that_are_raised_together_are_shown_each(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        RACY
        + """
def test_group(race):
    found = []
    for _ in range(2):
        try:
            explored(race)
        except AssertionError as error:
            found.append(error)
    raise ExceptionGroup("two", found)
"""
    )
    pytester.runpytest(*PLAIN, "-k", "test_group", "--race-html=page.html").assert_outcomes(failed=1, deselected=3)
    assert titles(pytester.path / "page.html")[0] == "2 failing explorations"


def test_without_the_options_nothing_of_it_is_loaded(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "import sys\ndef pytest_unconfigure():\n"
        "    print([name for name in sys.modules if name.endswith(('_plugin.pictures', 'telling.page'))])\n"
    )
    pytester.makepyfile(test_racy=RACY)
    result = pytester.runpytest_subprocess(*PLAIN)
    assert "[]" in result.outlines
