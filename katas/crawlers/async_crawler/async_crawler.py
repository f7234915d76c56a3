"""The crawler that gained half: broken, repair it. The contract is in README.md."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import aiohttp

Find = Callable[[str, bytes], Iterable[str]]


async def crawl(pages: Sequence[str], find: Find, folder: str | Path, limit: int = 10) -> dict[str, Path | Exception]:
    """Save all pictures of the pages; return for each address the file, or why there is none."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    result: dict[str, Path | Exception] = {}
    for page in pages:
        content = await fetch(page)
        for address in find(page, content):
            result[address] = await save(address, Path(folder))
    return result


async def fetch(address: str) -> bytes:
    """Ask for one address."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as session:
        async with session.get(address) as answer:
            return await answer.read()


async def save(address: str, folder: Path) -> Path:
    """Fetch one picture into a file."""
    path = folder / address.rpartition("/")[2]
    with path.open("wb") as file:
        file.write(await fetch(address))
    return path
