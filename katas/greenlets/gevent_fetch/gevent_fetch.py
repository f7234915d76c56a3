"""The morning papers: many pages at once, without a patch. The contract is in README.md."""

from collections.abc import Iterable

Page = tuple[int, bytes]
"""The status and the body (given)."""


class Lost(Exception):
    """What `fetch` raises when no whole answer comes (given)."""


def fetch(url: str) -> Page:
    """Get one page; other greenlets have their turn meanwhile."""
    raise NotImplementedError


def fetch_all(urls: Iterable[str]) -> list[Page | Lost]:
    """Get all of them at the same time; return them in order."""
    raise NotImplementedError
