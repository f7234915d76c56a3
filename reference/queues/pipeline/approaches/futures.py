"""Executors are kitchen and counter; a guest gets a future for the box at the moment of ordering."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue


def serve(orders, cooks, cook, pack, eat):
    tables, guests = {}, []

    def dine(guest, table):
        while box := table.get():
            eat(guest, box.result())

    with ThreadPoolExecutor(1) as counter:

        def finish(meal, box):
            box.set_result(pack(meal))

        def begin(dish, box):
            counter.submit(finish, cook(dish), box)

        with ThreadPoolExecutor(cooks) as kitchen:
            for guest, dish in orders:
                if guest not in tables:
                    tables[guest] = SimpleQueue()
                    guests.append(threading.Thread(target=dine, args=(guest, tables[guest])))
                    guests[-1].start()
                box = Future()
                tables[guest].put(box)
                kitchen.submit(begin, dish, box)
    for table in tables.values():
        table.put(None)
    for thread in guests:
        thread.join()
