"""Tasks that run nothing but a coroutine of asyncio's own are told with what they wait for, as threads are."""

import sys

import pytest

pytestmark = pytest.mark.slow

HANGS = """
    import asyncio

    def test_gathered():
        async def main():
            gate, jobs = asyncio.Barrier(2), asyncio.Queue()
            jobs.put_nowait(1)
            await asyncio.gather(gate.wait(), jobs.join())

        asyncio.run(main())

    def test_in_a_group():
        async def main():
            permits = asyncio.Semaphore(0)
            async with asyncio.TaskGroup() as group:
                group.create_task(permits.acquire())

        asyncio.run(main())

    def test_behind_wait_for():
        async def main():
            jobs = asyncio.Queue()
            await asyncio.wait_for(jobs.get(), None)

        asyncio.run(main())
"""
TOLD = [
    "  main()  waits in asyncio.gather on tasks join, wait",
    "  wait    waits in Barrier.wait on asyncio.Barrier `gate`",
    "            made at test_hangs.py:5",
    "  join    waits in Queue.join on asyncio.Queue `jobs`",
    "deadlock: main(), acquire wait for ever",
    "  acquire  waits in Semaphore.acquire on asyncio.Semaphore `permits`",
    "deadlock: main() waits for ever",
    "  main()  waits in Queue.get on asyncio.Queue `jobs`",
    "            at test_hangs.py:*  await asyncio.wait_for(jobs.get(), None)",
]


def test_a_coroutine_of_asyncios_own_is_told_with_its_object(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_hangs=HANGS)
    args = ("-p", "no:asyncio", "-p", "no:anyio", "-p", "no:cacheprovider")
    result = pytester.run(sys.executable, "-m", "pytest", *args, timeout=60)
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines([line.replace("[", "[[]") for line in TOLD])
