"""`race.linearizable` and `invariant=` as a test author meets them, alone and with Hypothesis."""

import sys
from typing import Any

import pytest

from pytest_concurrency._core.linear.misuse import ProgramError
from pytest_concurrency.hypothesis import programs

pytestmark = pytest.mark.slow

STACK = """
import threading

class Stack:
    def __init__(self):
        self.items, self.lock = [], threading.Lock()

    def push(self, item):
        with self.lock:
            self.items.append(item)

    def pop(self):
        with self.lock:
            return self.items.pop() if self.items else None

    def swap(self, item):
        last = self.pop()
        self.push(item)
        return last

    def size(self):
        with self.lock:
            return len(self.items)

class RightStack(Stack):
    def swap(self, item):
        with self.lock:
            last = self.items.pop() if self.items else None
            self.items.append(item)
            return last
"""
WRONG = STACK + '\ndef test_it(race):\n    race.linearizable(Stack, [[("swap", 1), ("pop",)], [("push", 2)]])\n'


def replay_of(lines: list[str]) -> str:
    (line,) = [line for line in lines if "--race-replay=" in line]
    return line.partition("--race-replay=")[2]


def test_a_failure_has_the_history_the_orders_the_lines_and_a_replay(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_stack=WRONG)
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "found in schedule *:",
            "not linearizable: no order of the 3 calls, one after the other, gives what was answered",
            "  who called what, from left to right:",
            "    A |-----|      swap(1) returns None",
            "    B   |-|        push(2) returns None",
            "    A         |-|  pop() returns 1",
            "  no order fits:",
            "    after A swap(1), B push(2): A pop() returns 2; here it returns 1",
            "    after B push(2): A swap(1) returns 2; here it returns None",
            "interleaving",
            "*begins, calls swap(1)",
            "*test_stack.py:13  return self.items.pop() if self.items else None",
            "replay",
            "  pytest test_stack.py::test_it --race-replay=1-*",
        ]
    )
    again = pytester.runpytest(
        "-p", "no:asyncio", "-p", "no:cacheprovider", f"--race-replay={replay_of(result.outlines)}"
    )
    told = [line for line in result.outlines if line.startswith(("  ", "not linearizable"))]
    assert [line for line in again.outlines if line.startswith(("  ", "not linearizable"))] == told
    again.stdout.fnmatch_lines(["found in schedule 1:"])


def test_what_is_right_passes_with_settings_of_the_marker(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        STACK
        + """
import queue, pytest

@pytest.mark.race(require="proved")
def test_right(race):
    assert race.linearizable(queue.Queue, [("put", 1), ("put", 2), ("get",)], threads=3).grade == "proved"
    race.linearizable(RightStack, [("push", 1), ("pop",)], threads=2, invariant=lambda stack: True, require="none")
"""
    )
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ('Stack, [("pusch", 1)]', "operations must name methods of Stack, got 'pusch': did you mean 'push'?"),
        ('Stack, "push"', "operations must be a list of calls, like ('put', 1), got 'push'"),
        ("Stack, []", "operations must name at least one call, like ('put', 1), got []"),
        ('Stack, [("pop",)], threads=0', "threads must be a whole number >= 1, got 0"),
        ('Stack(), [("pop",)]', "linearizable must be given a class, or a function that makes the object, got <*"),
        (
            'Stack, [("pop",)], model=5',
            "model must be a class, or a function that makes the object to compare with, got 5",
        ),
        ('Stack, [("pop",)], result=5', "result must be a function of a result that returns what is *, got 5"),
        ('Stack, [("pop",)], invariant=5', "invariant must be a function of the object that returns *, got 5"),
        (
            'Stack, [("pop",)], invariants=5',
            "keyword must be one of threads, *, got 'invariants': did you mean 'invariant'?",
        ),
        ("dict, [('copy',)], result=lambda each: object()", "calls made one after the other must answer the same*"),
    ],
)
def test_what_is_unusable_fails_in_one_line(pytester: pytest.Pytester, call: str, text: str) -> None:
    pytester.makepyfile(f"{STACK}\ndef test_it(race):\n    race.linearizable({call})\n")
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"UsageError: race.linearizable: {text}"])
    assert "Traceback" not in result.stdout.str()


def test_explore_takes_an_invariant(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        STACK
        + """
stack = None

def test_it(race):
    def scenario():
        global stack
        stack = RightStack()
        race.run(lambda: stack.push(1), lambda: stack.push(2))

    race.explore(scenario, invariant=lambda: len(stack.items) < 2)
"""
    )
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["invariant broken by ?: call append at test_*.py:9", "  after this step of ?: *self.items.append(item)"]
    )


# -- Hypothesis

DRAWN = """
from hypothesis import strategies as st
from pytest_concurrency.hypothesis import programs

NUMBERS = st.integers(0, 9)

def test_it(race):
    race.linearizable({make}, programs({{"swap": NUMBERS}}), seconds={seconds})
"""


def test_hypothesis_finds_the_smallest_program_and_we_replay_it(pytester: pytest.Pytester) -> None:
    text = STACK + DRAWN.format(make="Stack", seconds=200)
    pytester.makepyfile(test_stack=text)
    result = pytester.runpytest("-p", "no:asyncio", "-p", "no:randomly")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["not linearizable: *", "the smallest calls that fail, to stand in place of the strategy:"]
    )
    smallest = "  [[('swap', 0)], [('swap', 0)]]"
    assert smallest in result.outlines
    assert "core.py" not in result.stdout.str(), "no line of Hypothesis is told"
    replay = f"--race-replay={replay_of(result.outlines)}"

    again = pytester.runpytest("-p", "no:asyncio", replay)
    again.stdout.fnmatch_lines(["found in schedule 1:", "not linearizable: *", smallest])

    lost = pytester.runpytest("-p", "no:asyncio", "-p", "no:cacheprovider", replay)
    lost.stdout.fnmatch_lines(
        ["UsageError: --race-replay: the program of a replay must be in pytest's cache, or stand in*"]
    )

    strategy = text[text.index("programs({") : text.index(", seconds=200")]
    pytester.makepyfile(test_stack=text.replace(strategy, smallest.strip()))
    pasted = pytester.runpytest("-p", "no:asyncio", "-p", "no:cacheprovider", replay)
    pasted.stdout.fnmatch_lines(["found in schedule 1:", "not linearizable: *"])

    pytester.makepyfile(test_stack=text.replace("(Stack, ", "(RightStack, ").replace("seconds=200", "seconds=0.5"))
    mended = pytester.runpytest("-p", "no:asyncio", "-v")
    mended.assert_outcomes(passed=1)
    mended.stdout.fnmatch_lines(["test_stack.py::test_it: sampled: * programs, drawn by Hypothesis"])


def test_a_strategy_can_be_given_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        STACK
        + """
from hypothesis import HealthCheck, given, settings, strategies as st
from pytest_concurrency.hypothesis import programs

@settings(max_examples=3, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=programs({"push": st.integers(), "pop": ()}, threads=3, calls=1))
def test_it(race, program):
    assert 1 <= len(program) <= 3 and all(len(thread) == 1 for thread in program)
    race.linearizable(RightStack, program, schedules=5)
"""
    )
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            'programs({"push": st.integers(), "pop": ()}), threads=2',
            "threads must be left out where each has a list of *",
        ),
        ("st.integers()", "operations must be a list of calls, like ('put', 1), got 0"),
        ("st.just([])", "operations must name at least one call, got only empty lists from the strategy"),
        ('programs({"push": ()})', "operations must fit the methods that they name, got push(): missing *"),
    ],
)
def test_what_is_drawn_and_unusable_fails_in_one_line(pytester: pytest.Pytester, call: str, text: str) -> None:
    pytester.makepyfile(
        f"{STACK}\nfrom hypothesis import strategies as st\nfrom pytest_concurrency.hypothesis import programs\n"
        f"def test_it(race):\n    race.linearizable(Stack, {call})\n"
    )
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"UsageError: race.linearizable: {text}"])
    assert "Traceback" not in result.stdout.str()


def test_an_empty_list_that_is_drawn_is_no_program(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        STACK
        + """
from hypothesis import strategies as st

def test_it(race):
    race.linearizable(RightStack, st.lists(st.just(("pop",)), max_size=2), seconds=1)
"""
    )
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=1)


def test_nothing_of_hypothesis_is_loaded_without_need(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import queue, sys

        def test_it(race):
            race.linearizable(queue.Queue, [("qsize",)])
            assert "hypothesis" not in sys.modules
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:hypothesispytest")
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("given", "settings", "text"),
    [
        ({}, {}, "methods must say by name what arguments each takes, like {'get': ()}, got {}"),
        (["get"], {}, "methods must say by name what arguments each takes, like {'get': ()}, got ['get']"),
        ({"get": 5}, {}, "the arguments of 'get' must be a strategy, or a tuple of them, got 5"),
        ({3: ()}, {}, "a call must begin with the name of a method, like ('put', 1), got 3"),
        ({"get": ()}, {"threads": 0}, "threads must be a whole number >= 1, got 0"),
        ({"get": ()}, {"calls": True}, "calls must be a whole number >= 1, got True"),
    ],
)
def test_what_no_programs_can_be_drawn_from_is_refused(given: Any, settings: Any, text: str) -> None:
    assert "hypothesis" in sys.modules
    with pytest.raises(ProgramError) as caught:
        programs(given, **settings)
    assert str(caught.value) == text
