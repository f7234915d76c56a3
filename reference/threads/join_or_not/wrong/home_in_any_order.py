"""Reports in the order in which they came home."""

import time
from collections.abc import Callable
from threading import Thread


def send_out(stories: dict[str, Callable[[], object]], seconds: float) -> tuple[list[str], dict[str, Thread]]:
    """Start all, wait `seconds` at most; return who is home, and the threads that are still out."""
    deadline = time.monotonic() + seconds
    threads = {name: Thread(target=story, name=name, daemon=False) for name, story in stories.items()}
    for thread in threads.values():
        thread.start()
    home = []
    while len(home) < len(threads) and time.monotonic() < deadline:
        home += [n for n, t in threads.items() if not t.is_alive() and n not in home]
        time.sleep(0.5)
    return home, {name: threads[name] for name in threads if name not in home}


def bring_home(out: dict[str, Thread]) -> None:
    """Wait for all that are still out."""
    for thread in out.values():
        thread.join()
