"""So many workers as may ask at once, at a queue; who has to wait comes back to it by a timer of the loop."""

import asyncio
import math
import re

import aiohttp


async def fetch_all(addresses, limit, tries=3, patience=10, pause=1):
    loop = asyncio.get_running_loop()
    result = {}
    jobs = asyncio.Queue()
    timers = {}

    async def work():
        while True:
            address, number = await jobs.get()
            found, again = await attempt(session, address)
            if again is None or number == tries:
                result[address] = found
                jobs.task_done()
            else:
                wait = max(pause * 2 ** (number - 1), again)
                timers[address] = loop.call_later(wait, later, address, number + 1)

    def later(address, number):
        jobs.put_nowait((address, number))
        jobs.task_done()  # for the try before: so the queue is never done in between

    limits = aiohttp.ClientTimeout(total=patience, connect=None, sock_connect=None, ceil_threshold=math.inf)
    async with aiohttp.ClientSession(timeout=limits, connector=aiohttp.TCPConnector(limit=0)) as session:
        for address in dict.fromkeys(addresses):
            jobs.put_nowait((address, 1))
        workers = [asyncio.ensure_future(work()) for _ in range(limit)]
        try:
            await jobs.join()
        finally:
            for timer in timers.values():
                timer.cancel()
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
    return result


async def attempt(session, address):
    """Return what came, and after how many seconds at least it may be otherwise; None for never."""
    try:
        async with session.get(address) as answer:
            body = await answer.read()
            if answer.status == 200:
                return body, None
            error = RuntimeError(f"{address}: {answer.status} {answer.reason}")
            if answer.status != 429 and answer.status // 100 != 5:
                return error, None
            said = re.fullmatch(r"\s*([0-9]+)\s*", answer.headers.get("Retry-After", ""))
            return error, int(said[1]) if said else 0
    except (aiohttp.ClientError, OSError, asyncio.TimeoutError) as error:
        return error, 0
