"""Asks again and again whether all are home, in a loop."""

import time
from collections.abc import Callable
from threading import Thread


def send_out(stories: dict[str, Callable[[], object]], seconds: float) -> tuple[list[str], dict[str, Thread]]:
    """Start all, wait `seconds` at most; return who is home, and the threads that are still out."""
    deadline = time.monotonic() + seconds
    threads = {name: Thread(target=story, name=name, daemon=False) for name, story in stories.items()}
    for thread in threads.values():
        thread.start()
    while any(thread.is_alive() for thread in threads.values()):
        if time.monotonic() >= deadline:
            break
        time.sleep(0.5)
    out = {name: thread for name, thread in threads.items() if thread.is_alive()}
    return [name for name in threads if name not in out], out


def bring_home(out: dict[str, Thread]) -> None:
    """Wait for all that are still out."""
    for thread in out.values():
        thread.join()
