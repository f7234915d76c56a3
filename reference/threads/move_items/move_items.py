"""Move items: the worked solution.

"Is there anything left", "which one" and "it is mine" belong together, so they stand in one `with`
block under the lock that all workers share. The way is outside: nobody waits for somebody who is
only carrying. `list.append` is one step and needs no lock. A worker that finds nothing leaves the
loop; no item can be mistaken for that, as the end is said by `return`.
"""

import random
import threading
from collections.abc import Callable

Item = object


def move_all(source: list[Item], target: list[Item], carry: Callable[[Item], object], workers: int) -> None:
    """Let `workers` threads move all items, each by `carry(item)`, in random order."""
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if not source:
                    return
                item = source.pop(random.randrange(len(source)))
            carry(item)
            target.append(item)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
