"""Three broken helpers: a worked solution."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

Find = Callable[[str, bytes], Iterable[str]]


def break_notebook() -> list[str]:
    """Let A look, and B look and write before A does."""
    return ["A: until is_new:15", "B: to the end", "A: to the end"]


def break_names() -> list[str]:
    """Let A know a free name, and B take it before A does."""
    return ["A: until choose:38", "B: to the end", "A: to the end"]


def break_gate() -> list[str]:
    """Let C in after B was told, and before B goes on."""
    return ["A: until leave:56", "B: until it waits", "A: to the end", "C: to the end", "B: to the end"]


def crawl(
    pages: Sequence[str], fetch: Callable[[str], bytes], find: Find, folder: str | Path, limit: int = 10
) -> dict[str, Path | BaseException]:
    """Let a pool do the work, and keep the books in this thread alone: so nothing is shared."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    result: dict[str, Path | BaseException] = {}
    known: set[str] = set()
    under_way: dict[Future[Any], str] = {}

    def visit(page: str) -> list[str]:
        return list(find(page, fetch(page)))

    def collect(address: str) -> Path:
        return save(address, folder, fetch(address))

    def begin(job: Callable[[str], Any], addresses: Iterable[str]) -> None:
        for address in addresses:
            if address not in known:
                known.add(address)
                under_way[pool.submit(job, address)] = address

    with ThreadPoolExecutor(limit) as pool:
        begin(visit, pages)
        while under_way:
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                address = under_way.pop(future)
                error = future.exception()
                if error is not None:
                    result[address] = error
                elif isinstance(future.result(), Path):
                    result[address] = future.result()
                else:
                    begin(collect, future.result())
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
