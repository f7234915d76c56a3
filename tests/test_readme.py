"""The README shows files that run, and what they really print."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parent.parent
README = (PROJECT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"<!-- (tests/examples/\w+\.py) -->\n```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize(("path", "shown"), EXAMPLES, ids=[path for path, _ in EXAMPLES])
def test_an_example_is_the_file_that_runs(path: str, shown: str) -> None:
    assert shown.strip() == (PROJECT / path).read_text(encoding="utf-8").strip()


def printed(first_line: str) -> str:
    """Return the block of the README that begins with a line."""
    parts = re.split(r"^```.*\n", README, flags=re.MULTILINE)  # text, block, text, block ...
    return next(block for block in parts[1::2] if block.startswith(first_line))


@pytest.mark.parametrize(
    ("example", "name", "first_line"),
    [
        ("bank_example.py", "test_bank.py", "main raised AssertionError"),
        ("stuck_example.py", "test_plain.py", "deadlock: main, Thread-2"),
        ("stuck_loop_example.py", "test_loop.py", "deadlock: main(), Ann"),
        ("stuck_process_example.py", "test_letters.py", "deadlock: main, Ann, Ann"),
        ("ferry_example.py", "test_ferry.py", "deadlock: main, server, Thread-1 (answer)"),
        ("kitchen_example.py", "test_kitchen.py", "blocking call: bake"),
        ("transfer_example.py", "test_transfer.py", "cancel point: Ann"),
        ("seats_example.py", "test_seats.py", "main raised AssertionError: assert -1 == 0"),
        ("boats_example.py", "test_boats.py", "main raised AssertionError: assert -1 >= 0"),
        ("hits_example.py", "test_hits.py", "main raised AssertionError: assert 1 == 2"),
        ("stack_example.py", "test_stack.py", "not linearizable: no order of the 3 calls"),
    ],
)
def test_a_failure_reads_as_shown(pytester: pytest.Pytester, example: str, name: str, first_line: str) -> None:
    text = (PROJECT / "tests" / "examples" / example).read_text(encoding="utf-8")
    (pytester.path / name).write_text(text, encoding="utf-8")
    result = pytester.runpytest_subprocess("-p", "no:asyncio", timeout=60)
    result.assert_outcomes(failed=1)
    shown = [re.sub(r"Thread-\d+", "Thread-N", line).rstrip() for line in result.outlines]
    for line in printed(first_line).splitlines():
        assert re.sub(r"Thread-\d+", "Thread-N", line).rstrip() in shown


def test_a_race_is_told_as_shown(pytester: pytest.Pytester) -> None:
    text = (PROJECT / "tests" / "examples" / "visits_example.py").read_text(encoding="utf-8")
    (pytester.path / "test_visits.py").write_text(text, encoding="utf-8")
    result = pytester.runpytest_subprocess("-p", "no:asyncio", timeout=60)
    result.assert_outcomes(passed=1)
    shown = [line.rstrip() for line in result.outlines]
    *told, again = printed("test_visits.py::test_two_visitors: race").splitlines()
    assert [line for line in told if line not in shown] == []
    assert any(line.startswith(again.partition("=")[0]) for line in shown)


def test_the_files_of_pictures_are_named_as_shown(pytester: pytest.Pytester) -> None:
    text = (PROJECT / "tests" / "examples" / "bank_example.py").read_text(encoding="utf-8")
    (pytester.path / "test_bank.py").write_text(text, encoding="utf-8")
    command, *told = printed("$ pytest test_bank.py --race-html").splitlines()
    result = pytester.runpytest_subprocess("-p", "no:asyncio", *command.split()[2:], timeout=60)
    result.assert_outcomes(failed=1)
    assert [line for line in told if line not in result.outlines] == []


def test_the_other_examples_pass(pytester: pytest.Pytester) -> None:
    for name in ("spiders", "play", "drawn"):
        text = (PROJECT / "tests" / "examples" / f"{name}_example.py").read_text(encoding="utf-8")
        (pytester.path / f"test_{name}.py").write_text(text, encoding="utf-8")
    pytester.runpytest_subprocess("-p", "no:asyncio", timeout=60).assert_outcomes(passed=5)


def test_the_script_prints_what_is_shown() -> None:
    script = PROJECT / "tests" / "examples" / "script_example.py"
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout == printed("proved: all 2")


def test_other_orders_are_told_as_shown(pytester: pytest.Pytester) -> None:
    text = (PROJECT / "tests" / "examples" / "ids_example.py").read_text(encoding="utf-8")
    (pytester.path / "test_ids.py").write_text(text, encoding="utf-8")
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "--interleave", timeout=60)
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    *told, total = printed("test_ids.py::test_ids_differ passes").replace("  …\n", "").splitlines()
    shown = [line.rstrip() for line in result.outlines]
    assert [line for line in told if line.rstrip() not in shown] == []
    assert re.sub(r" \d\.\d s", "", total) in [re.sub(r" \d+\.\d s", "", line) for line in shown]
