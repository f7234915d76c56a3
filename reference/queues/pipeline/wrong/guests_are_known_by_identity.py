# wrong: a guest is found by its identity; an equal one is another guest then, with an order of his own

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
    tables: dict[int, queue.Queue] = {}
    ordered: dict[int, int] = {}

    def cooking() -> None:
        while (order := kitchen.get()) is not END:
            guest, number, dish = order
            counter.put((guest, number, cook(dish)))

    def packing() -> None:
        while (cooked := counter.get()) is not END:
            guest, number, meal = cooked
            tables[id(guest)].put((guest, number, pack(meal)))

    def eating(table: queue.Queue) -> None:
        early: dict[int, tuple[Guest, Thing]] = {}
        expected = 0
        while (packed := table.get()) is not END:
            guest, number, box = packed
            early[number] = guest, box
            while expected in early:
                eat(*early.pop(expected))
                expected += 1

    cooking_threads = [threading.Thread(target=cooking) for _ in range(cooks)]
    packing_thread = threading.Thread(target=packing)
    eating_threads: list[threading.Thread] = []
    for thread in [*cooking_threads, packing_thread]:
        thread.start()
    for guest, dish in orders:
        name = id(guest)
        if name not in tables:
            tables[name] = queue.Queue()
            ordered[name] = 0
            eating_threads.append(threading.Thread(target=eating, args=(tables[name],)))
            eating_threads[-1].start()
        kitchen.put((guest, ordered[name], dish))
        ordered[name] += 1
    for _ in cooking_threads:
        kitchen.put(END)
    for thread in cooking_threads:
        thread.join()
    counter.put(END)
    packing_thread.join()
    for table in tables.values():
        table.put(END)
    for thread in eating_threads:
        thread.join()
