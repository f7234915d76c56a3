"""The oracles as a test author meets them: option, ini key, marker and keyword."""

import pytest

pytestmark = pytest.mark.slow

pytest_plugins = ["pytester"]

POLLING = """
    import threading, time
    import pytest

    def scenario():
        event = threading.Event()
        thread = threading.Thread(target=event.set)
        thread.start()
        while not event.is_set():
            time.sleep(0.1)
        thread.join()

    def test_plain(race):
        race.explore(scenario, schedules=5)

    def test_keyword(race):
        race.explore(scenario, schedules=5, busy_waiting="fail")

    @pytest.mark.race(busy_waiting="fail", schedules=5)
    def test_marker():
        scenario()
"""


@pytest.mark.parametrize(
    ("arguments", "ini", "failed"),
    [
        ([], "", 2),
        (["--race-busy-waiting=fail"], "", 3),
        (["--race-busy_waiting", "fail"], "", 3),
        ([], "race_busy_waiting = fail", 3),
    ],
)
def test_each_source_is_heard(pytester: pytest.Pytester, arguments: list[str], ini: str, failed: int) -> None:
    pytester.makepyfile(POLLING)
    pytester.makeini(f"[pytest]\n{ini}\n")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments, timeout=60)
    result.assert_outcomes(failed=failed, passed=3 - failed)
    result.stdout.fnmatch_lines(
        ["busy waiting: main asks, sleeps and asks again*", "*Event.wait() waits until it is set*"]
    )


def test_functions_are_given_to_explore(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import threading, time
        import pytest

        def fetch():
            time.sleep(1)

        def scenario():
            for _ in range(2):
                thread = threading.Thread(target=fetch)
                thread.start()
                thread.join()

        def test_serialised(race):
            race.explore(scenario, serialised="fail", overlapping=fetch)

        def test_forgotten(race):
            with pytest.raises(pytest.UsageError, match="serialised='fail' needs overlapping="):
                race.explore(scenario, serialised="fail")
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", timeout=60)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["serialised: in no schedule were two tasks inside fetch at the same time"])
