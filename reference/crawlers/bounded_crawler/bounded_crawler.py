"""A polite crawler: a worked solution."""

import asyncio
from collections.abc import Iterable

import aiohttp


class PassingError(Exception):
    """What may be otherwise later; `seconds` is how long the site wants to be left alone."""

    def __init__(self, status: int, seconds: float) -> None:
        """Keep both."""
        super().__init__(status, seconds)
        self.seconds = seconds


class FinalError(Exception):
    """What will not be otherwise later."""


async def fetch_all(
    addresses: Iterable[str], limit: int, tries: int = 3, patience: float = 10, pause: float = 1
) -> dict[str, bytes | Exception]:
    """Make a task for each address; it holds the semaphore while it asks, and only then."""
    free = asyncio.Semaphore(limit)

    async def fetch(address: str) -> bytes | Exception:
        for number in range(tries):
            seconds = pause * 2**number
            try:
                async with free, asyncio.timeout(patience):
                    return await ask(session, address)
            except FinalError as error:
                return error
            except PassingError as error:
                failure, seconds = error, max(seconds, error.seconds)
            except (aiohttp.ClientError, OSError) as error:
                failure = error
            if number + 1 < tries:
                await asyncio.sleep(seconds)
        return failure

    timeout = aiohttp.ClientTimeout(total=None, sock_connect=None)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session, asyncio.TaskGroup() as group:
        tasks = {address: group.create_task(fetch(address)) for address in dict.fromkeys(addresses)}
    return {address: task.result() for address, task in tasks.items()}


async def ask(session: aiohttp.ClientSession, address: str) -> bytes:
    """Ask once."""
    async with session.get(address) as answer:
        if answer.status == 429 or 500 <= answer.status <= 599:
            said = answer.headers.get("Retry-After", "")
            raise PassingError(answer.status, int(said) if said.isdecimal() else 0)
        if answer.status != 200:
            raise FinalError(f"{address} has status {answer.status}")
        return await answer.read()
