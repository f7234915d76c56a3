"""The fixture `guard` over tasks of asyncio."""

import pytest

pytestmark = pytest.mark.slow


def test_tasks_are_joined_and_looked_after(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio, threading
        import pytest
        from pytest_concurrency import StuckFound

        async def work(seconds, error=None):
            await asyncio.sleep(seconds)
            if error is not None:
                raise error
            return seconds

        async def waits_for(door):
            await door.wait()

        def test_join(guard):
            async def main():
                tasks = [guard.task(work(0.01)), guard.task(work(0), name="Ann")]
                assert [task.get_name() for task in tasks] == ["work", "Ann"]
                await guard.join(*tasks, guard.spawn(int), asyncio.ensure_future(work(0)))
                assert tasks[0].result() == 0.01
                return tasks
            guard.join(*asyncio.run(main()))

        def test_cancelled_on_purpose(guard):
            async def main():
                task = guard.task(work(60))
                await asyncio.sleep(0)
                task.cancel()
                await guard.join(task)
                guard.task(work(60)).cancel()
            asyncio.run(main())

        def test_error_that_somebody_has_seen(guard):
            async def main():
                with pytest.raises(ValueError, match="seen"):
                    await guard.task(work(0, ValueError("seen")))
                with pytest.raises(ValueError, match="joined"):
                    await guard.join(guard.task(work(0, ValueError("joined"))), guard.task(work(0)))
            asyncio.run(main())

        def test_misuse(guard):
            with pytest.raises(TypeError, match="guard.task takes a coroutine, got 5"):
                guard.task(5)
            with pytest.raises(RuntimeError, match="must be called in a running event loop, got work outside one"):
                guard.task(work(0))

        def test_explored(guard, race):
            def scenario():
                async def main():
                    await guard.join(guard.task(work(3600)), guard.task(work(1)), timeout=4000)
                asyncio.run(main())
            race.explore(scenario, schedules=3)

        def test_stuck(guard):
            async def main():
                door = asyncio.Event()
                await guard.join(guard.task(waits_for(door)), guard.task(work(0)), timeout=0.05)
            asyncio.run(main())

        def test_error_that_nobody_has_seen(guard):
            async def main():
                guard.task(work(0, ValueError("not seen")))
                await asyncio.sleep(0.05)
            asyncio.run(main())

        def test_left_to_the_end(guard):
            async def main():
                guard.task(work(60), name="late")
                await asyncio.sleep(0)
            asyncio.run(main())

        def test_left_in_an_open_loop(guard):
            loop = asyncio.new_event_loop()
            async def main():
                guard.task(work(60), name="later")
                await asyncio.sleep(0)
            loop.run_until_complete(main())

        def test_thread_that_is_stuck_beside_a_task(guard):
            async def main():
                await guard.join(guard.task(work(0)), guard.spawn(threading.Event().wait, 60, name="Ben"), timeout=0.1)
            asyncio.run(main())
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:anyio", "-p", "no:cacheprovider", timeout=90)
    result.assert_outcomes(passed=7, failed=3, errors=2)
    result.stdout.fnmatch_lines(
        [
            "*the test left behind: late*",
            "*late was cancelled by the end of asyncio.run",
            "*the test left behind: later*",
            "*later*waits in asyncio.sleep",
            "*note: later was cancelled",
            "*waits_for had not ended after 0.05 s",
            "*waits_for*waits in Event.wait on asyncio.Event `door`",
            "*ValueError: not seen",
            "*Ben had not ended after 0.1 s",
        ]
    )
