"""Where a task waits, who took what it waits for and where, and which condition it is, in a report."""

import importlib.util
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_concurrency import explore
from pytest_concurrency._sight import stacks

LIBRARY = """
import threading

class Pool:
    def __init__(self):
        self.lock = threading.Lock()

    def use(self, function):
        with self.lock:
            return function()

def fail(value):
    return fail_inside(value)

def fail_inside(value):
    raise KeyError(value)

def again(count):
    again(count - 1) if count else fail(count)
"""


@pytest.fixture
def library(tmp_path: Path) -> Any:
    """Return a module that is installed and not watched."""
    file = tmp_path / "site-packages" / "pooling" / "__init__.py"
    file.parent.mkdir(parents=True)
    file.write_text(LIBRARY, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("pooling", file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["pooling"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules["pooling"]


def side_by_side(*bodies: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=body) for body in bodies]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def line_of(text: str) -> int:
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return 1 + next(number for number, line in enumerate(lines) if text in line)


def told(scenario: Callable[[], Any]) -> str:
    verdict = explore(scenario)
    assert verdict.error is not None
    return str(verdict.error).replace("tests/explore/", "")


def test_the_users_line_comes_before_the_librarys(library: Any) -> None:
    def scenario() -> None:
        pool, other = library.Pool(), threading.Lock()

        def inside() -> None:
            with other:
                pass

        def one() -> None:
            pool.use(inside)

        def two() -> None:
            with other:  # first the lock
                pool.use(lambda: None)  # then the pool

        side_by_side(one, two)

    text = told(scenario)
    lines = [line.strip() for line in text.splitlines()]
    at = lines.index("in pooling/__init__.py:9  with self.lock:")
    assert lines[at - 1].startswith(f"at test_reports_where.py:{line_of('# then the pool')}  pool.use(")
    assert lines[at - 3 : at - 1] == ["held by Thread-1 (one)", "taken at pooling/__init__.py:9  with self.lock:"]
    at = lines.index("held by Thread-2 (two)")
    assert lines[at + 1].startswith(f"taken at test_reports_where.py:{line_of('# first the lock')}  with other:")


def test_frames_of_code_that_is_not_watched_stand_in_the_traceback(library: Any) -> None:
    def scenario() -> None:
        library.fail(3)  # here it begins

    place = f"test_reports_where.py:{line_of('# here it begins')}"
    assert told(scenario).splitlines()[1:5] == [
        "  KeyError: 3",
        (
            f"    {place} in test_frames_of_code_that_is_not_watched_stand_in_the_traceback.scenario: "
            "library.fail(3)  # here it begins"
        ),
        "    pooling/__init__.py:13 in fail: return fail_inside(value)",
        "    pooling/__init__.py:16 in fail_inside: raise KeyError(value)",
    ]


def test_of_a_long_traceback_both_ends_are_shown(library: Any) -> None:
    lines = told(lambda: library.again(100)).splitlines()
    assert "    ... 84 more frames ..." in lines
    assert "    pooling/__init__.py:16 in fail_inside: raise KeyError(value)" in lines


def test_what_an_error_was_raised_from_is_told_too() -> None:
    def scenario() -> None:
        try:
            int("four")  # what was wrong
        except ValueError as error:
            raise RuntimeError("no number") from error

    lines = [line for line in told(scenario).splitlines() if "raise RuntimeError" not in line]
    here = "test_what_an_error_was_raised_from_is_told_too.scenario"
    assert lines[1:4] == [
        "  RuntimeError: no number",
        "    from ValueError: invalid literal for int() with base 10: 'four'",
        f'      test_reports_where.py:{line_of("# what was wrong")} in {here}: int("four")  # what was wrong',
    ]


def test_an_error_that_is_its_own_cause_is_told_once() -> None:
    def scenario() -> None:
        error = KeyError("ink")
        raise error from error

    assert told(scenario).splitlines().count("  KeyError: 'ink'") == 1


def test_two_conditions_on_one_lock_have_their_own_names() -> None:
    class Buffer:
        def __init__(self) -> None:
            self.lock = threading.Lock()
            self.not_empty = threading.Condition(self.lock)
            self.not_full = threading.Condition(self.lock)

    def scenario() -> None:
        buffer = Buffer()

        def get() -> None:
            with buffer.not_empty:
                buffer.not_empty.wait()

        def put() -> None:
            with buffer.not_full:
                buffer.not_full.wait()

        side_by_side(get, put)

    text = told(scenario)
    assert "Thread-1 (get)  waits in Condition.wait on Condition `buffer.not_empty`" in text
    assert "Thread-2 (put)  waits in Condition.wait on Condition `buffer.not_full`" in text


def test_a_condition_whose_name_is_not_seen_is_told_by_its_lock() -> None:
    def scenario() -> None:
        lock = threading.Lock()
        known = {"full": threading.Condition(lock)}
        with known.get("full") as condition:  # type: ignore[union-attr]
            assert condition
            known.get("full").wait()  # type: ignore[union-attr]

    assert "waits in Condition.wait on Condition of Lock `lock`" in told(scenario)


def test_two_statements_on_one_line_are_two_names() -> None:
    def scenario() -> None:
        ready = threading.Event(); gate = threading.Condition()  # noqa: E702 # fmt: skip
        ready.set()
        with gate:
            gate.wait()

    assert "waits in Condition.wait on Condition `gate`" in told(scenario)


def test_a_wait_that_gave_up_says_so() -> None:
    def scenario() -> None:
        ready, lock = threading.Event(), threading.Lock()
        lock.acquire()

        def late() -> None:
            assert not lock.acquire(timeout=1.5)
            assert ready.wait(2), "never ready"

        side_by_side(late)

    text = told(scenario)
    assert "gave up after 1.5 s" in text
    assert "acquire Event `ready`, release, gave up after 2 s" in text


@pytest.mark.parametrize(
    ("line", "kind", "name"),
    [
        ("out, into = Pipe()", "Connection", "out, into"),
        ("gate, total = Condition(), Value('i', 0)", "RLock", ""),
        ("gate, lock = Event(), Lock()", "Lock", "lock"),
        ("first, second = Lock(), Lock()", "Lock", ""),
    ],
)
def test_of_several_names_only_one_that_is_certain_is_told(tmp_path: Path, line: str, kind: str, name: str) -> None:
    path = tmp_path / "names.py"
    path.write_text(line + "\n")
    assert stacks.name_at(str(path), 1, kind) == name


def test_an_error_that_lives_longer_than_a_run_is_told_as_it_was_raised_in_one() -> None:
    error = ValueError("again")

    def scenario() -> None:
        counts = [0]

        def add() -> None:
            counts[0] += 1

        def check() -> None:
            if counts[0] == 1:
                raise error

        threads = [threading.Thread(target=each) for each in (add, check)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    text = told(scenario)
    assert text.count(": raise error") == 1


def test_a_function_that_calls_itself_is_told_as_often() -> None:
    def down(left: int) -> None:
        if not left:
            raise ValueError("below")
        down(left - 1)

    text = told(lambda: down(3))
    assert text.count(": down(left - 1)") == 3
