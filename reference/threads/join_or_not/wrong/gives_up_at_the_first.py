"""Stops waiting when the first one is late, and takes all after him for late, too."""

import time
from collections.abc import Callable
from threading import Thread


def send_out(stories: dict[str, Callable[[], object]], seconds: float) -> tuple[list[str], dict[str, Thread]]:
    """Start all, wait `seconds` at most; return who is home, and the threads that are still out."""
    deadline = time.monotonic() + seconds
    threads = {name: Thread(target=story, name=name, daemon=False) for name, story in stories.items()}
    for thread in threads.values():
        thread.start()
    names = list(threads)
    home = []
    for name in names:
        threads[name].join(max(0, deadline - time.monotonic()))
        if threads[name].is_alive():
            break
        home.append(name)
    return home, {name: threads[name] for name in names[len(home) :]}


def bring_home(out: dict[str, Thread]) -> None:
    """Wait for all that are still out."""
    for thread in out.values():
        thread.join()
