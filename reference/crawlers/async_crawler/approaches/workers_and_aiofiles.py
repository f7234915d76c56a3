"""So many workers as may ask at once, and aiofiles; who writes is shielded from being called off."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import aiofiles
import aiohttp


async def crawl(pages, find, folder, limit=10):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    result = {}
    jobs = asyncio.Queue()
    known = {}
    writing = set()

    def add(address, kind):
        if known.setdefault(address, kind) is kind and address not in result:
            result[address] = None
            jobs.put_nowait((address, kind))

    async def work():
        while True:
            address, kind = await jobs.get()
            try:
                async with session.get(address) as answer:
                    if answer.status != 200:
                        raise aiohttp.ClientError(f"status {answer.status}")
                    body = await answer.read()
                if kind == "page":
                    for picture in find(address, body):
                        add(picture, "picture")
                    del result[address]
                else:
                    task = asyncio.create_task(keep(address, body))
                    writing.add(task)
            except Exception as error:
                result[address] = error
            finally:
                jobs.task_done()

    async def keep(address, body):
        try:
            result[address] = await save(address, folder, body)
        except Exception as error:
            result[address] = error

    timeout, connector = aiohttp.ClientTimeout(total=None), aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        workers = [asyncio.create_task(work()) for _ in range(limit)]
        for page in dict.fromkeys(pages):
            add(page, "page")
        try:
            await jobs.join()
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            while writing:
                done = await to_the_end(writing)
                writing -= done
    return result


async def to_the_end(tasks):
    """Wait for them, and be called off only then."""
    waiting = asyncio.ensure_future(asyncio.wait(tasks))
    try:
        await asyncio.shield(waiting)
    except asyncio.CancelledError:
        await waiting
        raise
    return set(tasks)


async def save(address, folder, body):
    stem, dot, end = urlsplit(address).path.rpartition("/")[2].rpartition(".")
    number = 0
    while True:
        path = folder / (f"{stem}_{number}.{end}" if dot else f"{end}_{number}")
        try:
            file = await aiofiles.open(path, "xb")
        except FileExistsError:
            number += 1
            continue
        try:
            try:
                await file.write(body)
            finally:
                await file.close()
        except BaseException:
            path.unlink()
            raise
        return path
