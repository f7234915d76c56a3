# wrong: a guest is found by the name of his thread; 1 and "1" share a table, and wait for each other

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
    tables: dict[str, queue.Queue] = {}
    ordered: dict[str, int] = {}

    def cooking() -> None:
        while (order := kitchen.get()) is not END:
            guest, number, dish = order
            counter.put((guest, number, cook(dish)))

    def packing() -> None:
        while (cooked := counter.get()) is not END:
            guest, number, meal = cooked
            tables[str(guest)].put((guest, number, pack(meal)))

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
        name = str(guest)
        if name not in tables:
            tables[name] = queue.Queue()
            ordered[name] = 0
            eating_threads.append(threading.Thread(target=eating, name=name, args=(tables[name],)))
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
