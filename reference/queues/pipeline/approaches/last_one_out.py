"""The last cook to leave closes the counter, and the counter closes the tables; order by a heap."""

import heapq
import itertools
import threading
from queue import Queue

CLOSED = object()


def serve(orders, cooks, cook, pack, eat):
    kitchen, counter = Queue(), Queue()
    lock, tables, diners = threading.Lock(), {}, []
    here = [cooks]

    def work():
        while (order := kitchen.get()) is not CLOSED:
            *whose, dish = order
            counter.put((*whose, cook(dish)))
        kitchen.put(CLOSED)
        with lock:
            here[0] -= 1
            last = here[0] == 0
        if last:
            counter.put(CLOSED)

    def hand_out():
        while (entry := counter.get()) is not CLOSED:
            guest, number, meal = entry
            tables[guest].put((number, pack(meal)))
        for table in list(tables.values()):
            table.put(CLOSED)

    def dine(guest, table):
        waiting, turns = [], itertools.count()
        turn = next(turns)
        while (served := table.get()) is not CLOSED:
            heapq.heappush(waiting, (served[0], [served[1]]))
            while waiting and waiting[0][0] == turn:
                eat(guest, heapq.heappop(waiting)[1][0])
                turn = next(turns)

    others = [threading.Thread(target=work) for _ in range(cooks)]
    others.append(threading.Thread(target=hand_out))
    for thread in others:
        thread.start()
    numbers = {}
    for guest, dish in orders:
        if guest not in tables:
            tables[guest] = Queue()
            numbers[guest] = itertools.count()
            diners.append(threading.Thread(target=dine, args=(guest, tables[guest])))
            diners[-1].start()
        kitchen.put((guest, next(numbers[guest]), dish))
    kitchen.put(CLOSED)
    for thread in others + diners:
        thread.join()
