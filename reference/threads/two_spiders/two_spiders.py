"""Two spiders: the worked solution.

The thread is made with all it needs before it starts: the function and not its result, the
arguments, the name, and `daemon=False`, because a thread made by a daemon thread would be a daemon
too. `run_spiders` starts both threads before it joins either. The order of the joins does not
matter: joining a thread that has ended returns at once, so that the waiting adds up to the slower
of the two.
"""

import threading
from collections.abc import Callable

Crawl = Callable[..., object]


def start_spider(crawl: Crawl, site: str, seconds: float, name: str | None = None) -> threading.Thread:
    """Start `crawl(site, seconds=seconds)` in a thread of its own and return the thread at once."""
    thread = threading.Thread(target=crawl, args=(site,), kwargs={"seconds": seconds}, name=name, daemon=False)
    thread.start()
    return thread


def run_spiders(crawl: Crawl, first: tuple[str, float], second: tuple[str, float]) -> None:
    """Crawl two sites side by side, each a pair (site, seconds); return when both are crawled."""
    threads = [start_spider(crawl, site, seconds) for site, seconds in (first, second)]
    for thread in threads:
        thread.join()
