"""Three broken helpers: break them, then write a crawler with threads. See README.md."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

Find = Callable[[str, bytes], Iterable[str]]


def break_notebook() -> list[str]:
    """Return a schedule under which two threads hear of the same address that it is new."""
    raise NotImplementedError


def break_names() -> list[str]:
    """Return a schedule under which two threads are given the same name."""
    raise NotImplementedError


def break_gate() -> list[str]:
    """Return a schedule under which two are inside a gate with one place."""
    raise NotImplementedError


def crawl(
    pages: Sequence[str], fetch: Callable[[str], bytes], find: Find, folder: str | Path, limit: int = 10
) -> dict[str, Path | BaseException]:
    """Save all pictures of the pages; return for each address the file, or why there is none."""
    raise NotImplementedError
