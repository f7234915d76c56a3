"""How a failure looks on the terminal: its colours, its width, one line or none with `--tb`, and no text twice."""

import re

import pytest

from pytest_concurrency._plugin.shown import Shown, folded

RACY = """
import threading

def test_racy(race):
    def scenario():
        box = [0]
        def add():
            box[0] += 1
        race.run(add, add)
        assert box[0] == 2, "so many words that no line of a narrow terminal can hold them, all in one message"
    race.explore(scenario)
"""
STUCK = """
import threading

def test_stuck(race):
    def scenario():
        lock = threading.Lock()
        lock.acquire()
        lock.acquire()
    race.explore(scenario)
"""
REPORTED = """
def test_reported(race):
    def scenario():
        a_counter_of_a_name_that_is_rather_long = [0]
        def add():
            a_counter_of_a_name_that_is_rather_long[0] += 1
        race.run(add, add)
    race.explore(scenario)
"""
LONG = """
import threading

def test_long(race):
    def scenario():
        calls, box = [], [0]
        def load():
            if not calls:
                BEFORE
                calls.append(1)
                AFTER
        race.run(load, load)
        assert len(calls) == 1
    race.explore(scenario)
""".replace("BEFORE", "\n                ".join(f"box[0] = {n}" for n in range(10))).replace(
    "AFTER", "\n                ".join(f"box[0] = {n}" for n in range(10, 20))
)
TOO_WEAK = """
import pytest

left = []

@pytest.mark.race(require="proved", strategy="random", schedules=10)
def test_weak():
    pass

@pytest.mark.race
def test_left():
    left.append(1)
    assert len(left) < 2

@pytest.mark.race(shards=2, require="proved")
def test_parts(request):
    import threading
    threads = [threading.Thread(target=lambda: None) for _ in range(1 + (request.node.name == "test_parts[shard 1/2]"))]
    for each in threads:
        each.start()
"""
pytestmark = pytest.mark.slow
PLAIN = ("-p", "no:asyncio", "-p", "no:cacheprovider", "-p", "no:xdist")
HEADLINE = "main raised AssertionError: so many words"
COMMAND = re.compile(r"  (again: )?pytest test_\w+\.py::")


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "BUILD_NUMBER", "COLUMNS", "NO_COLOR", "FORCE_COLOR", "PY_COLORS"):
        monkeypatch.delenv(name, raising=False)


def lines(pytester: pytest.Pytester, *options: str) -> list[str]:
    """What pytest prints from the first failure on."""
    printed = pytester.runpytest(*PLAIN, *options).outlines
    return printed[next(n for n, line in enumerate(printed) if re.match("(\x1b.*)?=+ (FAILURES|short|[12] )", line)) :]


def test_with_tb_line_there_is_one_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_racy=RACY, test_stuck=STUCK)
    printed = lines(pytester, "--tb=line")
    end = next(n for n, line in enumerate(printed) if "short test summary" in line)
    assert len(printed[1:end]) == 2
    assert printed[1].startswith(f"test_racy.py:9: {HEADLINE}")
    assert printed[2] == "test_stuck.py:7: deadlock: main waits for ever"


def test_what_all_schedules_have_shown_is_told_at_the_line_of_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=TOO_WEAK)
    printed = lines(pytester, "--tb=line")
    weak, left, parts = printed[1 : next(n for n, line in enumerate(printed) if re.match("[-=]", line) and n)]
    assert weak == "test_it.py:5: require=proved, but the verdict is sampled: 10 schedules"
    assert left.startswith("test_it.py:9: the test leaves state behind: the same schedule, run twice, differed (main")
    assert parts.startswith("test_it.py:14: require=proved, but the verdict on all parts is unfinished: ")


def test_what_all_schedules_have_shown_is_no_wider_than_the_terminal(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    pytester.makepyfile(test_it=TOO_WEAK)
    assert [line for line in lines(pytester, "-v") if len(line) > 60] == []


def test_with_tb_no_there_is_none(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_racy=RACY)
    printed = lines(pytester, "--tb=no")
    assert "short test summary" in printed[0]
    assert len(printed) == 3


def test_an_error_of_a_fixture_is_shown_whole_with_tb_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it=STUCK.replace("def test_stuck", "import pytest\n@pytest.fixture\ndef stuck")
        + "\ndef test_it(stuck): pass\n"
    )
    printed = pytester.runpytest(*PLAIN, "--tb=line").outlines
    assert "deadlock: main waits for ever" in printed


@pytest.mark.parametrize("columns", [50, 72])
def test_no_line_but_a_command_is_longer_than_the_terminal(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    pytester.makepyfile(test_racy=RACY, test_stuck=STUCK, test_reported=REPORTED)
    printed = lines(pytester, "-v")
    long = [line for line in printed if len(line) > columns]
    assert [line for line in long if not COMMAND.match(line) and not line.startswith("FAILED ")] == []
    assert sum(bool(COMMAND.match(line)) for line in long) >= 2
    text = " ".join(" ".join(printed).split())
    assert "can hold them, all in one message AssertionError: so many words" in text  # folded, not cut
    assert "race: lost update: " in text


def test_a_wide_terminal_and_none_at_all_read_the_same(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(test_racy=RACY)
    plain = lines(pytester)
    monkeypatch.setenv("COLUMNS", "200")
    section = slice(plain.index("interleaving"), plain.index("replay"))
    wide = lines(pytester)
    assert wide[wide.index("interleaving") : wide.index("replay")] == plain[section]
    assert max(map(len, plain[section])) <= 80
    assert f"{HEADLINE} that no line of a narrow terminal can hold them, all in one message" in plain


def test_colours_are_there_where_pytest_has_them(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_racy=RACY)
    printed = lines(pytester, "--color=yes")
    assert any(re.fullmatch(rf"\x1b\[31m\x1b\[1m{HEADLINE}.*\x1b\[0m", line) for line in printed)
    for heading in ("interleaving", "replay", "likely cause"):
        assert f"\x1b[1m{heading}\x1b[0m" in printed
    assert not any("\x1b" in line for line in lines(pytester, "--color=no"))


@pytest.mark.parametrize("ci", ["", "true"])
def test_no_text_is_printed_twice(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, ci: str) -> None:
    monkeypatch.setenv("CI", ci)
    pytester.makepyfile(test_racy=RACY, test_stuck=STUCK)
    printed = lines(pytester)
    assert printed.count("interleaving") == 2  # of each failure, as are the causes
    assert printed.count("likely cause") == 2
    assert sum(line.startswith("  pytest test_racy.py") for line in printed) == 1
    summary = [line for line in printed if line.startswith("FAILED ")]
    assert len(summary) == 2
    assert summary[1] == "FAILED test_stuck.py::test_stuck - deadlock: main waits for ever"


def test_a_worker_of_xdist_makes_its_text_for_the_controllers_terminal(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    pytester.makepyfile(test_racy=RACY)
    printed = pytester.runpytest_subprocess(*PLAIN[:4], "-n", "1").outlines
    rows = printed[printed.index("interleaving") : printed.index("replay")]
    assert max(map(len, rows)) <= 50
    assert any(line.endswith("...") for line in rows)
    one = pytester.runpytest_subprocess(*PLAIN[:4], "-n", "1", "--tb=line").outlines
    assert sum(line.startswith("test_racy.py:9: ") for line in one) == 1
    assert "interleaving" not in one


@pytest.mark.parametrize(
    ("line", "width", "parts"),
    [
        ("short", 10, ["short"]),
        ("  two words", 8, ["  two", "    word", "    s"]),
        ("one two", 5, ["one", "  two"]),
    ],
)
def test_later_pieces_of_a_line_stand_further_to_the_right(line: str, width: int, parts: list[str]) -> None:
    assert folded(line, width) == parts


def test_the_text_itself_stays_as_it_is() -> None:
    text = "first\n  second line that is long"
    assert str(Shown(text, "in schedule 3", ("a.py", 7), style="long", folds=True)) == text


def test_of_a_long_turn_what_failed_is_shown_and_with_vv_all(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=LONG)
    lines = pytester.runpytest_subprocess(*PLAIN).outlines
    assert sum("calls.append(1)" in line for line in lines) == 2
    assert any(re.search(r"\.\.\. \d+ more lines, shown with -vv \.\.\.", line) for line in lines)
    lines = pytester.runpytest_subprocess(*PLAIN, "-vv").outlines
    assert not any("more lines" in line for line in lines)
    assert all(sum(f"box[0] = {n}" == line[-len(f"box[0] = {n}") :] for line in lines) >= 2 for n in range(20))
