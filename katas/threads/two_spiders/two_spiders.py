"""Two spiders: run blocking jobs side by side, in threads. The contract is in README.md."""

import threading
from collections.abc import Callable

Crawl = Callable[..., object]


def start_spider(crawl: Crawl, site: str, seconds: float, name: str | None = None) -> threading.Thread:
    """Start `crawl(site, seconds=seconds)` in a thread of its own and return the thread at once."""
    raise NotImplementedError


def run_spiders(crawl: Crawl, first: tuple[str, float], second: tuple[str, float]) -> None:
    """Crawl two sites side by side, each a pair (site, seconds); return when both are crawled."""
    raise NotImplementedError
