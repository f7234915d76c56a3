"""The crawler that gained half: a worked solution."""

import asyncio
import itertools
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import aiohttp

Find = Callable[[str, bytes], Iterable[str]]


async def crawl(pages: Sequence[str], find: Find, folder: str | Path, limit: int = 10) -> dict[str, Path | Exception]:
    """Make a task for each address, as soon as it is known; a semaphore lets so many of them ask."""
    await asyncio.to_thread(Path(folder).mkdir, parents=True, exist_ok=True)
    result: dict[str, Path | Exception] = {}
    known: set[str] = set()
    free = asyncio.Semaphore(limit)

    async def fetch(address: str) -> bytes:
        async with free, session.get(address) as answer:
            if answer.status != 200:
                raise ValueError(f"{address} has status {answer.status}")
            return await answer.read()

    async def visit(page: str) -> None:
        try:
            addresses = list(find(page, await fetch(page)))
        except Exception as error:
            result[page] = error
            return
        begin(collect, addresses)

    async def collect(address: str) -> None:
        try:
            result[address] = await asyncio.to_thread(save, address, Path(folder), await fetch(address))
        except Exception as error:
            result[address] = error

    def begin(job: Callable[[str], object], addresses: Iterable[str]) -> None:
        for address in addresses:
            if address not in known:
                known.add(address)
                group.create_task(job(address))

    timeout = aiohttp.ClientTimeout(total=None)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session, asyncio.TaskGroup() as group:
        begin(visit, pages)
    return result


def save(address: str, folder: Path, body: bytes) -> Path:
    """Write into the first file that is not there yet."""
    name = PurePosixPath(urlsplit(address).path)
    for number in itertools.count(1):
        path = folder / f"{name.stem}-{number}{name.suffix}"
        try:
            file = path.open("xb")
        except FileExistsError:
            continue
        try:
            with file:
                file.write(body)
        except BaseException:
            path.unlink()
            raise
        return path
    raise AssertionError("the numbers do not end")
