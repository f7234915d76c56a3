# wrong: the packer waits for a next meal before it is known that there is none

import queue
import threading
from collections.abc import Callable, Hashable, Iterable

Guest = Hashable
Thing = object

END = object()


def serve(
    orders: Iterable[tuple[Guest, Thing]],
    cooks: int,
    cook: Callable[[Thing], Thing],
    pack: Callable[[Thing], Thing],
    eat: Callable[[Guest, Thing], object],
) -> None:
    kitchen: queue.SimpleQueue = queue.SimpleQueue()
    counter: queue.SimpleQueue = queue.SimpleQueue()
    tables: dict[Guest, queue.Queue] = {}
    ordered: dict[Guest, int] = {}
    total: int | None = None

    def cooking() -> None:
        while (order := kitchen.get()) is not END:
            guest, number, dish = order
            counter.put((guest, number, cook(dish)))

    def packing() -> None:
        packed = 0
        while packed != total:
            guest, number, meal = counter.get()
            tables[guest].put((number, pack(meal)))
            packed += 1

    def eating(guest: Guest, table: queue.Queue) -> None:
        early: dict[int, Thing] = {}
        expected = 0
        while (packed := table.get()) is not END:
            number, box = packed
            early[number] = box
            while expected in early:
                eat(guest, early.pop(expected))
                expected += 1

    cooking_threads = [threading.Thread(target=cooking) for _ in range(cooks)]
    packing_thread = threading.Thread(target=packing)
    eating_threads: list[threading.Thread] = []
    for thread in cooking_threads:
        thread.start()
    for guest, dish in orders:
        if guest not in tables:
            tables[guest] = queue.Queue()
            ordered[guest] = 0
            eating_threads.append(threading.Thread(target=eating, args=(guest, tables[guest])))
            eating_threads[-1].start()
        if not packing_thread.ident:
            packing_thread.start()  # not before there is something to pack: no orders, no packer
        kitchen.put((guest, ordered[guest], dish))
        ordered[guest] += 1
    total = sum(ordered.values())
    for _ in cooking_threads:
        kitchen.put(END)
    for thread in cooking_threads:
        thread.join()
    if total:
        packing_thread.join()
    for table in tables.values():
        table.put(END)
    for thread in eating_threads:
        thread.join()
