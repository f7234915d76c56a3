"""`race.explore`, `race.run` and `race.stress` as a test author meets them."""

import pytest

pytestmark = pytest.mark.slow

ACCOUNT = """
class Account:
    def __init__(self, balance):
        self.balance = balance

    def withdraw(self, amount):
        if self.balance >= amount:
            self.balance -= amount
"""

RACY = (
    ACCOUNT
    + """
def test_transfer(race):
    def scenario():
        print("a schedule begins")
        account = Account(100)
        race.run(lambda: account.withdraw(70), lambda: account.withdraw(70))
        assert account.balance >= 0

    race.explore(scenario)
"""
)


def test_a_race_is_told_with_error_lanes_replay_and_cause(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_bank=RACY)
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "main raised AssertionError: assert -40 >= 0",
            "    test_bank.py:14 in test_transfer.scenario: assert account.balance >= 0",
            "interleaving",
            "  main A B",
            "*read balance = 100*",
            "*write balance = 30*",
            "replay",
            "  pytest test_bank.py::test_transfer --race-replay=1-*",
            "likely cause",
            "*from the read to the write must be one critical*",
        ]
    )
    assert "controller.py" not in result.stdout.str()


def test_only_the_failing_schedules_output_is_shown(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_bank=RACY)
    result = pytester.runpytest("-p", "no:asyncio")
    assert result.stdout.str().count("a schedule begins\n") == 1


def test_only_the_failing_schedules_log_is_shown_and_what_was_logged_before(pytester: pytest.Pytester) -> None:
    logged = RACY.replace('print("a schedule begins")', 'logging.warning("a schedule begins")')
    assert logged != RACY
    logged = "import logging\n" + logged.replace("(race):\n", '(race):\n    logging.warning("first of all")\n', 1)
    pytester.makepyfile(test_bank=logged)
    out = pytester.runpytest("-p", "no:asyncio").stdout
    out.fnmatch_lines(["*Captured log call*", "*first of all", "*a schedule begins"])
    assert out.str().count(" a schedule begins\n") == 1


def test_each_failure_says_how_many_schedules_it_took(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_bank=RACY)
    pytester.makepyfile(test_count=UNORDERED.format(settings=', races="fail"'))
    out = pytester.runpytest("-p", "no:asyncio").stdout
    out.fnmatch_lines(["found in schedule *:", "main raised AssertionError: assert -40 >= 0"], consecutive=True)
    out.fnmatch_lines(["found after * schedules:", "race: lost update: B changed *"], consecutive=True)
    out.fnmatch_lines(["FAILED test_bank.py::test_transfer - main raised AssertionError: *"])


def test_capsys_and_caplog_begin_anew_in_each_schedule(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import logging

        def test_output(race, capsys, caplog):
            def scenario():
                print("once")
                logging.getLogger().warning("warned")
                race.run(lambda: None, lambda: None)
                assert capsys.readouterr().out == "once\\n"
                assert caplog.messages == ["warned"]
            race.explore(scenario, schedules=5)
        """
    )
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=1)


def test_run_returns_results_in_order_and_raises_what_a_thread_raised(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import threading, pytest

        def test_plain(race):
            assert race.run(lambda: 1, lambda: threading.current_thread().name) == [1, "B"]
            with pytest.raises(KeyError, match="gone"):
                race.run(lambda: {}["gone"], lambda: 2)
            with pytest.raises(ExceptionGroup, match="several threads failed") as caught:
                race.run(lambda: {}["x"], lambda: 1 / 0)
            assert [type(e) for e in caught.value.exceptions] == [KeyError, ZeroDivisionError]

        def test_misuse(race):
            with pytest.raises(TypeError, match="race.run takes functions, or coroutines alone, got 3"):
                race.run(3)
        """
    )
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=2)


def test_stress_calls_in_real_threads_and_raises_their_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import threading, pytest

        def test_counts(race):
            calls, lock = [], threading.Lock()
            def work():
                with lock:
                    calls.append(threading.current_thread().name)
            race.stress(work, threads=3, repeat=5)
            assert len(calls) == 15 and len(set(calls)) == 3

        def test_raises(race):
            with pytest.raises(ZeroDivisionError):
                race.stress(lambda: 1 / 0, threads=1, repeat=1)

        def test_stuck(race):
            door = threading.Event()
            with pytest.raises(AssertionError, match="stress-0 had not ended after 0.1 s"):
                race.stress(lambda: door.wait(60), threads=1, repeat=1, timeout=0.1)
            door.set()

        @pytest.mark.parametrize("wrong", [{"threads": 0}, {"repeat": -1}, {"threads": "2"}])
        def test_numbers(race, wrong):
            (name, value), = wrong.items()
            with pytest.raises(ValueError, match=f"{name} must be a whole number >= 1, got {value!r}"):
                race.stress(print, **wrong)

        @pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), "5", True])
        def test_limits(race, timeout):
            with pytest.raises(ValueError, match="timeout must be a finite number > 0, got "):
                race.stress(print, timeout=timeout)
        """
    )
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=12)


@pytest.mark.parametrize(
    ("call", "line"),
    [
        ("race.explore(3)", "TypeError: scenario must be callable without arguments, got 3"),
        ("race.explore(lambda x: x)", "TypeError: scenario must be callable without arguments, got *(x)*"),
        ("race.explore(print, schedules=0)", "*schedules from race.explore must be >= 1, got 0"),
        (
            "race.explore(print, strategy='best')",
            "*strategy from race.explore must be one of auto, *, got 'best'",
        ),
        ("race.explore(print, seed='x')", "*seed from race.explore must be a whole number, got 'x'"),
        (
            "race.explore(print, schedule=3)",
            "*race.explore: keyword must be one of *, got 'schedule': did you mean 'schedules'?",
        ),
        ("race.explore(print, zzz=3)", "*UsageError: race.explore: keyword must be one of *, invariant, *, got 'zzz'"),
        ("race.explore(print, invariant=3)", "*UsageError: race.explore: invariant must be a function, *, got 3"),
        ("race.explore(print, bound=0)", "*UsageError: race.explore: bound must be a whole number >= 1, got 0"),
        (
            "race.explore(print, serialised='fail')",
            "*UsageError: race.explore: serialised='fail' needs overlapping=, *, got none",
        ),
        (
            "race.explore(lambda: race.explore(print))",
            "*explore must be called outside a controlled run, got a call from task 'main'",
        ),
    ],
)
def test_misuse_is_one_clear_line(pytester: pytest.Pytester, call: str, line: str) -> None:
    pytester.makepyfile(f"async def coroutine(): pass\ndef test_it(race):\n    {call}\n")
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"*{line}"])
    result.stdout.no_fnmatch_line("*pytest_concurrency/_*")


def test_no_ctrl_c_comes_in_a_thread_of_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def interrupt():
            raise KeyboardInterrupt

        def test_controlled(race):
            race.explore(lambda: race.run(interrupt, lambda: None))

        def test_plain(race):
            race.run(interrupt)

        def test_goes_on(): pass
        """
    )
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(["main raised BaseExceptionGroup: a thread failed (1 sub-exception)"])


def test_a_skip_passes_through(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\ndef test_it(race):\n    race.explore(lambda: pytest.skip('not here'))\n")
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(skipped=1)


def test_pytest_fail_is_a_finding_like_any_other(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\ndef test_it(race):\n    race.explore(lambda: pytest.fail('no'))\n")
    result = pytester.runpytest("-p", "no:asyncio")
    result.stdout.fnmatch_lines(["main raised Failed: no", "*--race-replay=*"])


def test_a_weak_verdict_is_named_in_the_summary(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import socket

        def test_socket(race):
            here, there = socket.socketpair()
            with here, there:
                scenario = lambda: race.run(lambda: here.recv(1), lambda: there.send(b"x"))
                race.explore(scenario, schedules=2, strategy="dfs")
        """
    )
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["test_a_weak*.py::test_socket: uncontrolled: A waited outside the engine's control: *here.recv(1)*"]
    )


def test_require_fails_a_test_whose_verdict_is_weaker(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_it(race):
            seen = []
            race.explore(lambda: race.run(seen.clear, seen.clear), schedules=2, require="proved", strategy="random")
        """
    )
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["require=proved, but the verdict is sampled: 2 schedules"])


UNORDERED = """
    class Counter:
        n = 0

        def add(self):
            self.n += 1

    def test_add(race):
        def scenario():
            counter = Counter()
            race.run(counter.add, counter.add)

        race.explore(scenario{settings})
"""


def test_a_race_is_told_in_the_summary_and_fails_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(UNORDERED.format(settings=""))
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "*::test_add: race: lost update: B changed n between A's read and A's write, and it was lost",
            "  again: pytest *",
        ]
    )
    command = next(line for line in result.outlines if line.startswith("  again: "))
    again = pytester.runpytest_subprocess(*command.split()[2:])
    again.assert_outcomes(passed=1)
    again.stdout.fnmatch_lines(["*::test_add: race: lost update: *"])


def test_a_race_that_has_failed_a_session_is_told_in_the_next(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(UNORDERED.format(settings=""))
    pytester.runpytest_subprocess("--race-races=fail").assert_outcomes(failed=1)  # it is remembered, and tried first
    told = pytester.runpytest_subprocess()
    told.assert_outcomes(passed=1)
    told.stdout.fnmatch_lines(["*::test_add: race: lost update: *"])


def test_a_race_fails_where_it_is_to(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(UNORDERED.format(settings=', races="fail"'))
    first = pytester.runpytest_subprocess()
    first.assert_outcomes(failed=1)
    command = next(line for line in first.outlines if "--race-replay=" in line).split()
    again = pytester.runpytest_subprocess(*command[1:])
    again.assert_outcomes(failed=1)
    told = [[line for line in result.outlines if line.startswith(("race:", "  .", "  *"))] for result in (first, again)]
    assert told[0] == told[1] != []


@pytest.mark.parametrize("error", ["SystemExit('bad')", "Own('bad')"])
def test_what_is_no_exception_is_a_failure_like_any_other(pytester: pytest.Pytester, error: str) -> None:
    racy = RACY.replace("assert account.balance >= 0", f"if account.balance < 0:\n            raise {error}")
    pytester.makepyfile(test_bank=f"class Own(BaseException):\n    pass\n{racy}")
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["main raised *: bad", "replay", "  pytest *::test_transfer --race-replay=*", "likely cause"]
    )
    result.stdout.no_fnmatch_line("*pytest_concurrency/_*")
    replay = next(line for line in result.outlines if "--race-replay=" in line)
    again = pytester.runpytest("-p", "no:asyncio", *replay.split()[1:])
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines(["main raised *: bad"])


@pytest.mark.parametrize("raised", ["KeyboardInterrupt", "pytest.exit.Exception('enough')"])
def test_what_ends_the_session_ends_it(pytester: pytest.Pytester, raised: str) -> None:
    pytester.makepyfile(
        f"""
        import pytest

        def test_first(race):
            @race.explore
            def scenario():
                raise {raised}

        def test_second():
            pass
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.assert_outcomes()
    result.stdout.no_fnmatch_line("*--race-replay*")
