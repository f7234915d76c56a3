"""The tea house with a waiter for each table, who stands there from the beginning, and a queue."""

import queue
import socket
import threading
from collections.abc import Callable


def break_count() -> list[str]:
    """Let both know the number, and stop A one step before it says so."""
    return ["A: until take:14", "B: until take:16", "A: until take:17", "B: to the end"]


def break_bell() -> list[str]:
    """Let B look while A sits, and clear what it has not heard."""
    return ["A: until give_back:41", "B: until take:30", "A: until give_back:43", "A: to the end"]


def serve(door: socket.socket, talk: Callable[[socket.socket], None], tables: int) -> None:
    """Put each into the queue, and an end for each waiter."""
    coming: queue.SimpleQueue[socket.socket | None] = queue.SimpleQueue()

    def wait() -> None:
        while (connection := coming.get()) is not None:
            try:
                talk(connection)
            except BaseException:  # noqa: S110 - it ends this conversation alone
                pass
            finally:
                connection.close()

    waiters = [threading.Thread(target=wait) for _ in range(tables)]
    for waiter in waiters:
        waiter.start()
    try:
        while True:
            coming.put(door.accept()[0])
    except OSError:
        for _ in waiters:
            coming.put(None)
    for waiter in waiters:
        waiter.join()
