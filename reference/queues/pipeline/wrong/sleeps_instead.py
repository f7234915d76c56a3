"""Sleeps until it should be over."""

import queue
import threading
import time
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
    """Cook, pack and serve all orders; return when everything is eaten."""
    kitchen: queue.Queue = queue.Queue()
    counter: queue.Queue = queue.Queue()
    tables: dict[Guest, queue.Queue] = {}
    numbers: dict[Guest, int] = {}
    guests: list[threading.Thread] = []

    def work() -> None:
        while (order := kitchen.get()) is not END:
            guest, number, dish = order
            counter.put((guest, number, cook(dish)))

    def hand_out() -> None:
        while (ready := counter.get()) is not END:
            guest, number, meal = ready
            tables[guest].put((number, pack(meal)))

    def dine(guest: Guest) -> None:
        early: dict[int, Thing] = {}
        expected = 0
        while (served := tables[guest].get()) is not END:
            number, box = served
            early[number] = box
            while expected in early:
                eat(guest, early.pop(expected))
                expected += 1

    staff = [threading.Thread(target=work) for _ in range(cooks)]
    packer = threading.Thread(target=hand_out)
    for thread in (*staff, packer):
        thread.start()
    for guest, dish in orders:
        if guest not in tables:
            tables[guest] = queue.Queue()
            guests.append(threading.Thread(target=dine, args=(guest,)))
            guests[-1].start()
        numbers[guest] = numbers.get(guest, -1) + 1
        kitchen.put((guest, numbers[guest], dish))
    _close(kitchen, staff)
    _close(counter, [packer])
    for table in tables.values():
        table.put(END)
    for thread in guests:
        thread.join()


def _close(stage: queue.Queue, threads: list[threading.Thread]) -> None:
    """Tell all threads of a stage that nothing more comes, and wait for them."""
    for _ in threads:
        stage.put(END)
    del threads
    time.sleep(5)
