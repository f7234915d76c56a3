"""The tea house with a thread for each guest, for which there must be a permit first."""

import socket
import threading
from collections.abc import Callable


def break_count() -> list[str]:
    """Let both look, and then both take."""
    return ["B: until take:14", "A: until take:16", "A: to the end"]


def break_bell() -> list[str]:
    """Let A ring between the look of B and the clearing."""
    return ["A: until acquire", "A: until acquire", "B: until clear", "A: to the end"]


def serve(door: socket.socket, talk: Callable[[socket.socket], None], tables: int) -> None:
    """Take the permit, then accept, then start; the thread gives it back."""
    free = threading.Semaphore(tables)
    threads: list[threading.Thread] = []

    def host(connection: socket.socket) -> None:
        try:
            talk(connection)
        except BaseException:  # noqa: S110 - it ends this conversation alone
            pass
        finally:
            connection.close()
            free.release()

    while True:
        free.acquire()
        try:
            connection, _ = door.accept()
        except OSError:
            break
        threads = [thread for thread in threads if thread.is_alive()]
        threads.append(threading.Thread(target=host, args=(connection,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
