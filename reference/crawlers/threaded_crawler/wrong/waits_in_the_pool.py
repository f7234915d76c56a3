"""Lets the job of a page wait for the jobs of its pictures, in the same pool."""

import itertools
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path, PurePosixPath
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
    """Let the job of a page wait for the jobs of its pictures."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    result: dict[str, Path | BaseException] = {}
    known: set[str] = set()
    lock = threading.Lock()

    def visit(page: str) -> None:
        with lock:
            fresh = page not in known
            known.add(page)
        try:
            pictures = list(find(page, fetch(page))) if fresh else []
        except BaseException as error:
            result[page] = error
            return
        with lock:
            pictures = [each for each in dict.fromkeys(pictures) if each not in known]
            known.update(pictures)
        wait([pool.submit(collect, each) for each in pictures])

    def collect(address: str) -> None:
        try:
            result[address] = save(address, folder, fetch(address))
        except BaseException as error:
            result[address] = error

    with ThreadPoolExecutor(limit) as pool:
        wait([pool.submit(visit, page) for page in pages])
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
