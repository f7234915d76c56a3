"""A failure is replayed by the printed command, remembered, and tried first."""

import re
import shlex

import pytest

pytestmark = pytest.mark.slow

COUNTER = """
def test_counter(race):
    def scenario():
        print("tried")
        box = {"n": 0}
        def add():
            box["n"] += 1
        race.run(add, add)
        assert box["n"] == 2
    race.explore(scenario, strategy="random", seed=3)
"""


def failure_text(output: str) -> str:
    return output[output.index("main raised") : output.index("short test summary")]


def replay_command(output: str) -> list[str]:
    return shlex.split(next(line for line in output.splitlines() if "--race-replay=" in line))


def test_the_printed_command_shows_the_same_text_again(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_count=COUNTER)
    first = pytester.runpytest_subprocess("-p", "no:asyncio").stdout.str()
    command = replay_command(first)
    assert command[0] == "pytest"
    assert len(command[-1]) <= len("--race-replay=") + 120
    for _ in range(3):
        again = pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:cacheprovider", *command[1:])
        assert again.ret == 1
        assert failure_text(again.stdout.str()) == failure_text(first)


def test_a_failure_is_remembered_and_tried_first(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_count=COUNTER)
    first = pytester.runpytest("-p", "no:asyncio", "-v")
    assert not re.search(r"\(schedule 1\)", first.stdout.str())
    again = pytester.runpytest("-p", "no:asyncio", "-v")
    again.stdout.fnmatch_lines(["*test_counter: failed: main raised AssertionError* (schedule 1)"])


def test_a_failure_that_is_mended_is_forgotten(pytester: pytest.Pytester) -> None:
    path = pytester.makepyfile(test_count=COUNTER)
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(failed=1)
    path.write_text(COUNTER.replace("race.run(add, add)", "add(), add()"), encoding="utf-8")
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=1)
    path.write_text(COUNTER, encoding="utf-8")
    again = pytester.runpytest("-p", "no:asyncio", "-v")
    assert not re.search(r"\(schedule 1\)", again.stdout.str())


def test_a_replay_survives_an_edit_elsewhere(pytester: pytest.Pytester) -> None:
    path = pytester.makepyfile(test_count=COUNTER)
    command = replay_command(pytester.runpytest("-p", "no:asyncio").stdout.str())
    path.write_text("# a new line\n\n" + COUNTER, encoding="utf-8")
    pytester.runpytest("-p", "no:asyncio", "-p", "no:cacheprovider", *command[1:]).assert_outcomes(failed=1)


def test_a_replay_says_where_it_left_the_record(pytester: pytest.Pytester) -> None:
    path = pytester.makepyfile(test_count=COUNTER)
    command = replay_command(pytester.runpytest("-p", "no:asyncio").stdout.str())
    path.write_text(COUNTER.replace('box["n"] += 1', "pass").replace("== 2", "== 0"), encoding="utf-8")
    result = pytester.runpytest("-p", "no:asyncio", "-p", "no:cacheprovider", "-v", *command[1:])
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*the replay left the record: switch * was never reached*PYTHONHASHSEED*"])


@pytest.mark.parametrize("token", ["nonsense", "1-00000000-00000000-AAAA", "1-abc", "gone.replay", ""])
def test_a_damaged_token_is_one_line(pytester: pytest.Pytester, token: str) -> None:
    pytester.makepyfile(test_count=COUNTER)
    result = pytester.runpytest("-p", "no:asyncio", f"--race-replay={token}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    right = "a token that a failure printed, or the file that holds it"
    result.stderr.fnmatch_lines([f"ERROR: --race-replay must be {right}, got '{token}'"])


def test_a_token_of_another_test_is_one_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_count=COUNTER, test_other=COUNTER)
    command = replay_command(pytester.runpytest("-p", "no:asyncio", "test_count.py").stdout.str())
    result = pytester.runpytest("-p", "no:asyncio", "test_other.py", command[-1])
    result.stdout.fnmatch_lines(
        ["UsageError: --race-replay: replay must belong to test_other.py::test_counter, got one of another test: *"]
    )


def test_a_long_schedule_lies_in_a_file(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_long="""
        def test_turns(race):
            def scenario():
                turns = []
                def go(name):
                    for _ in range(20):
                        turns.append(name)
                race.run(lambda: go("a"), lambda: go("b"))
                assert sum(one != two for one, two in zip(turns, turns[1:])) < 16
            race.explore(scenario, strategy="random")
        """
    )
    out = pytester.runpytest("-p", "no:asyncio").stdout.str()
    command = replay_command(out)
    assert command[-1].endswith(".replay")
    again = pytester.runpytest("-p", "no:asyncio", *command[1:])
    assert failure_text(again.stdout.str()) == failure_text(out)
