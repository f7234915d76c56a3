"""Pools, futures and event loops, used rightly."""

import asyncio
import concurrent.futures
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .corpus import Box, together


def _squared(n: int) -> int:
    return n * n


def a_pool_that_maps() -> None:
    with ThreadPoolExecutor(2) as pool:
        assert [*pool.map(_squared, (1, 2))] == [1, 4]


def a_result_with_a_long_limit() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(_squared, 3).result(timeout=30) == 9


def results_as_they_come() -> None:
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(_squared, each) for each in (1, 2)]
        assert sorted(job.result() for job in concurrent.futures.as_completed(jobs)) == [1, 4]


def the_first_of_two() -> None:
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(_squared, each) for each in (1, 2)]
        done, _ = concurrent.futures.wait(jobs, return_when=concurrent.futures.FIRST_COMPLETED)
        assert {job.result() for job in done} <= {1, 4}


def an_error_of_a_job() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert type(pool.submit(int, "x").exception()) is ValueError


def a_call_back_of_a_job() -> None:
    told: list[int] = []
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_squared, 2).add_done_callback(lambda job: told.append(job.result()))
    assert told == [4]


def a_future_made_by_hand() -> None:
    future: concurrent.futures.Future[int] = concurrent.futures.Future()
    together(lambda: future.set_result(1), lambda: future.result())
    assert future.result() == 1


def a_pool_that_is_shut() -> None:
    pool, box = ThreadPoolExecutor(1), Box()
    pool.submit(setattr, box, "n", 1)
    pool.shutdown()
    assert box.n == 1


def two_coroutines_under_a_lock() -> None:
    async def main() -> int:
        lock, box = asyncio.Lock(), Box()

        async def add() -> None:
            async with lock:
                before = box.n
                await asyncio.sleep(0)
                box.n = before + 1

        await asyncio.gather(add(), add())
        return int(box.n)

    assert asyncio.run(main()) == 2


def a_queue_of_a_loop() -> None:
    async def main() -> list[int]:
        line: asyncio.Queue[int] = asyncio.Queue(1)

        async def put() -> None:
            for each in (1, 2):
                await line.put(each)

        async def get() -> list[int]:
            return [await line.get() for _ in "ab"]

        _, taken = await asyncio.gather(put(), get())
        return taken

    assert asyncio.run(main()) == [1, 2]


def an_event_of_a_loop() -> None:
    async def main() -> Any:
        ready, box = asyncio.Event(), Box()

        async def write() -> None:
            box.n = 1
            ready.set()

        async def read() -> Any:
            await ready.wait()
            return box.n

        return (await asyncio.gather(read(), write()))[0]

    assert asyncio.run(main()) == 1


def a_call_in_a_thread_of_the_loop() -> None:
    async def main() -> int:
        return await asyncio.to_thread(_squared, 3)

    assert asyncio.run(main()) == 9


def a_group_of_tasks() -> None:
    async def main() -> list[int]:
        done: list[int] = []

        async def work(n: int) -> None:
            await asyncio.sleep(n)
            done.append(n)

        async with asyncio.TaskGroup() as group:
            group.create_task(work(2))
            group.create_task(work(1))
        return done

    assert asyncio.run(main()) == [1, 2]


def a_time_limit_that_is_kept() -> None:
    async def main() -> str:
        try:
            async with asyncio.timeout(1):
                await asyncio.sleep(2)
        except TimeoutError:
            return "late"
        return "in time"

    assert asyncio.run(main()) == "late"


def a_loop_that_a_thread_calls() -> None:
    async def main() -> int:
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        box = Box()

        def work() -> None:
            box.n = 1
            loop.call_soon_threadsafe(ready.set)

        thread = threading.Thread(target=work)
        thread.start()
        await ready.wait()
        thread.join()
        return int(box.n)

    assert asyncio.run(main()) == 1
