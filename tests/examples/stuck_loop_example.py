import asyncio


async def fetch(jobs):
    return await jobs.get()


def test_fetch_waits_for_nobody():
    async def main():
        jobs = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            group.create_task(fetch(jobs), name="Ann")

    asyncio.run(main())
