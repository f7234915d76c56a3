"""Every setting from every source, and what happens to unusable values."""

import pytest

from pytest_concurrency._plugin.options import SETTINGS

pytestmark = pytest.mark.slow

GOOD = {
    "schedules": ("7", 7),
    "strategy": ("pct", "pct"),
    "seed": ("-3", -3),
    "preemptions": ("2", 2),
    "seconds": ("0.5", 0.5),
    "races": ("fail", "fail"),
    "clock": ("any", "any"),
    "require": ("sampled", "sampled"),
    "patched": ("gevent", "gevent"),
    "watch": ("json,queue", ("json", "queue")),
}
FINITE = "a finite number > 0, or none"
BAD = (
    ("schedules", "0", ">= 1"),
    ("shards", "0", ">= 1"),
    ("shards", "-1", ">= 1"),
    ("shards", "x", "a whole number"),
    ("shards", "1001", "<= 1000"),
    ("strategy", "best", "one of auto, *"),
    ("seed", "x", "a whole number"),
    ("preemptions", "-1", "a whole number >= 0, or none"),
    ("seconds", "-1", FINITE),
    ("seconds", "10s", FINITE),
    ("seconds", "inf", FINITE),
    ("races", "yes", "one of fail, report, ignore"),
    ("clock", "virtual", "one of exact, any"),
    ("require", "all", "one of none, sampled, proved"),
    ("patched", "eventlet", "one of none, gevent"),
)

SHOW = """
from pytest_concurrency._plugin.options import settings_for

{marker}
def test_it(request, race):
    assert settings_for(request.node, {{}}).{name} == {value!r}
"""


def ini(pytester: pytest.Pytester, line: str) -> None:
    pytester.makeini(f"[pytest]\n{line}\n")


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("source", ["option", "ini", "marker"])
def test_a_setting_comes_from_each_source(pytester: pytest.Pytester, name: str, source: str) -> None:
    text, value = GOOD[name]
    marker = f"import pytest\n@pytest.mark.race({name}={value!r})" if source == "marker" else ""
    pytester.makepyfile(SHOW.format(marker=marker, name=name, value=value))
    if source == "ini":
        ini(pytester, f"race_{name} = {text}")
    options = [f"--race-{name}={text}"] if source == "option" else []
    pytester.runpytest("-p", "no:asyncio", *options).assert_outcomes(passed=1)


@pytest.mark.parametrize(("name", "text", "right"), BAD)
def test_an_unusable_option_ends_the_session_in_one_line(
    pytester: pytest.Pytester, name: str, text: str, right: str
) -> None:
    result = pytester.runpytest("-p", "no:asyncio", f"--race-{name}={text}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"ERROR: {name} from option --race-{name.replace('_', '-')} must be {right}, got '{text}'"]
    )


@pytest.mark.parametrize(("name", "text", "right"), BAD)
def test_an_unusable_ini_value_ends_the_session_in_one_line(
    pytester: pytest.Pytester, name: str, text: str, right: str
) -> None:
    ini(pytester, f"race_{name} = {text}")
    result = pytester.runpytest("-p", "no:asyncio")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: race_{name} from the ini file must be {right}, got '{text}'"])


@pytest.mark.parametrize(("name", "text", "right"), BAD)
def test_an_unusable_marker_fails_its_test_in_one_line(
    pytester: pytest.Pytester, name: str, text: str, right: str
) -> None:
    pytester.makepyfile(f"import pytest\n@pytest.mark.race({name}={text!r})\ndef test_it(): pass\n")
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"UsageError: {name} from mark.race of *::test_it must be {right}, got *{text}*"])


def test_virtual_time_takes_no_arguments(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import pytest\n@pytest.mark.virtual_time(5, x=3)\ndef test_it(): pass\n"
        "@pytest.mark.virtual_time\ndef test_right(): pass\n"
    )
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["UsageError: *::test_it: mark.virtual_time must be without arguments, got 5, x=3"])


def test_a_call_cannot_be_patched(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(race):\n    race.explore(lambda: None, patched='gevent')\n")
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["UsageError: race.explore: patched must be said of a test, by mark.race, got 'gevent'"]
    )


def test_marker_beats_option_beats_ini(pytester: pytest.Pytester) -> None:
    ini(pytester, "race_schedules = 5\nrace_seed = 5")
    marker = "import pytest\n@pytest.mark.race(schedules=3)"
    pytester.makepyfile(SHOW.format(marker=marker, name="schedules", value=3))
    pytester.runpytest("-p", "no:asyncio", "--race-schedules=4").assert_outcomes(passed=1)
    pytester.makepyfile(SHOW.format(marker="", name="schedules", value=4))
    pytester.runpytest("-p", "no:asyncio", "--race-schedules=4").assert_outcomes(passed=1)
    pytester.makepyfile(SHOW.format(marker="", name="seed", value=5))
    pytester.runpytest("-p", "no:asyncio", "--race-schedules=4").assert_outcomes(passed=1)


@pytest.mark.parametrize("call", ["@pytest.mark.race(watch=5)", "@pytest.mark.race(watch=[1])"])
def test_what_is_watched_is_given_by_name(pytester: pytest.Pytester, call: str) -> None:
    pytester.makepyfile(f"import pytest\n{call}\ndef test_it(): pass\n")
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["UsageError: watch from mark.race of *::test_it must be a list of names of packages*"])


def test_concurrency_off_takes_the_doubles_away(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import threading, _thread\nLOCK = threading.Lock()\ndef test_it(): assert type(LOCK) is _thread.LockType\n"
    )
    pytester.runpytest_subprocess("-p", "no:asyncio", "--concurrency=off").assert_outcomes(passed=1)
    pytester.runpytest_subprocess("-p", "no:asyncio").assert_outcomes(failed=1)
    ini(pytester, "concurrency = off")
    pytester.runpytest_subprocess("-p", "no:asyncio").assert_outcomes(passed=1)


def test_concurrency_takes_on_or_off(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "--concurrency=maybe")
    result.stderr.fnmatch_lines(["ERROR: concurrency from option --concurrency must be one of on, off, got 'maybe'"])


def test_help_markers_and_fixtures_document_it(pytester: pytest.Pytester) -> None:
    shown = pytester.runpytest("-p", "no:asyncio", "--help").stdout.str()
    for name in SETTINGS:
        assert f"--race-{name}" in shown
        assert f"race_{name}" in shown
    assert "concurrency_watch" in shown
    pytester.runpytest("-p", "no:asyncio", "--markers").stdout.fnmatch_lines(["@pytest.mark.race(schedules=*"])
    pytester.runpytest("-p", "no:asyncio", "--fixtures").stdout.fnmatch_lines(
        ["race*", "*Find data races: explore(scenario), run(f, g), stress(f)*"]
    )
