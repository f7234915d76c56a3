"""Async tests and scenarios, alone and with the plugins that run them."""

import asyncio

import pytest

from pytest_concurrency import explore

ACCOUNT = """
    import asyncio
    import pytest

    class Account:
        def __init__(self):
            self.balance = 0

        async def deposit(self, amount):
            before = self.balance
            await asyncio.sleep(0)
            self.balance = before + amount

    async def both(account):
        await asyncio.gather(account.deposit(70), account.deposit(30))
        assert account.balance == 100
"""


def failed(pytester: pytest.Pytester, test: str, *options: str) -> str:
    pytester.makepyfile(ACCOUNT + test)
    result = pytester.runpytest("-p", "no:cacheprovider", *options)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*deposit deposit #2*", "likely cause", "*deposit #2 read balance at*"])
    text = result.stdout.str()
    return text.partition("--race-replay=")[2].split()[0]


@pytest.mark.slow
def test_an_async_scenario_needs_no_more_words(pytester: pytest.Pytester) -> None:
    test = """
    def test_it(race):
        async def scenario():
            await both(Account())
        race.explore(scenario)
    """
    token = failed(pytester, test, "-p", "no:asyncio")
    assert failed(pytester, test, "-p", "no:asyncio", f"--race-replay={token}") == token


@pytest.mark.slow
def test_coroutines_run_side_by_side_as_functions_do(pytester: pytest.Pytester) -> None:
    failed(
        pytester,
        """
    def test_it(race):
        def scenario():
            account = Account()
            race.run(account.deposit(70), account.deposit(30))
            assert account.balance == 100
        race.explore(scenario)
    """,
        "-p",
        "no:asyncio",
    )


@pytest.mark.slow
def test_a_marked_async_test_is_explored_without_a_plugin(pytester: pytest.Pytester) -> None:
    failed(
        pytester,
        """
    @pytest.fixture
    def account():
        return Account()

    @pytest.mark.race
    async def test_it(account):
        await both(account)
    """,
        "-p",
        "no:asyncio",
    )


@pytest.mark.slow
def test_a_marked_test_of_pytest_asyncio_has_its_async_fixtures_anew(pytester: pytest.Pytester) -> None:
    failed(
        pytester,
        """
    import pytest_asyncio

    @pytest_asyncio.fixture
    async def account():
        account = Account()
        await asyncio.sleep(0)
        yield account
        await asyncio.sleep(0)

    @pytest.mark.asyncio
    @pytest.mark.race
    async def test_it(account):
        assert account.balance == 0
        await both(account)
    """,
        "-o",
        "asyncio_default_fixture_loop_scope=function",
    )


@pytest.mark.slow
def test_a_marked_test_of_anyio_is_explored(pytester: pytest.Pytester) -> None:
    failed(
        pytester,
        """
    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    @pytest.fixture
    async def account():
        await asyncio.sleep(0)
        return Account()

    @pytest.mark.anyio
    @pytest.mark.race
    async def test_it(account):
        await both(account)
    """,
        "-p",
        "no:asyncio",
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mark", "off", "strategy"), [("asyncio", "anyio", "dpor"), ("anyio", "asyncio", "auto")], ids=["asyncio", "anyio"]
)
def test_a_schedule_that_is_broken_off_does_not_hold_up_who_owns_the_loop(
    pytester: pytest.Pytester, mark: str, off: str, strategy: str
) -> None:
    pytester.makepyfile(
        f"""
        import asyncio, pytest, threading, time

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        @pytest.mark.{mark}
        @pytest.mark.race(strategy="{strategy}", schedules=150)
        async def test_it():
            lock = threading.Lock()

            def put():
                with lock:
                    time.sleep(0.1)

            await asyncio.gather(asyncio.to_thread(put), asyncio.to_thread(put))
        """
    )
    done = pytester.runpytest_subprocess("-p", f"no:{off}", "--timeout=60")
    done.assert_outcomes(passed=1)


@pytest.mark.slow
def test_functions_and_coroutines_do_not_run_together(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio

        def test_it(race):
            sleep = asyncio.sleep(0)
            try:
                race.run(sleep, print)
            finally:
                sleep.close()
        """
    )
    result = pytester.runpytest("-p", "no:asyncio")
    result.stdout.fnmatch_lines(["*race.run takes functions, or coroutines alone, got <coroutine object sleep*"])


def test_a_running_loop_is_refused_in_one_line() -> None:
    async def main() -> None:
        explore(print)

    line = r"^explore must be called outside an event loop, got a call inside a running one: make the test a plain fun"
    with pytest.raises(RuntimeError, match=line):
        asyncio.run(main())


def test_what_a_plain_scenario_returns_is_run_if_it_is_a_coroutine() -> None:
    verdict = explore(lambda: asyncio.sleep(5, "slept"))
    assert (verdict.grade, set(verdict.outcomes)) == ("proved", {"'slept'"})
