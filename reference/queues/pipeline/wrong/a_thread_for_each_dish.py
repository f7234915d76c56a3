"""A semaphore counts the cooks, and each dish has a thread."""

import queue
import threading

END = object()


def serve(orders, cooks, cook, pack, eat):
    stove, counter = queue.SimpleQueue(), queue.SimpleQueue()
    guests, numbers = {}, {}

    def eating(guest, table):
        early, wanted = {}, 0
        while (sent := table.get()) is not END:
            number, box = sent
            early[number] = box
            while wanted in early:
                eat(guest, early.pop(wanted))
                wanted += 1

    def packing():
        while (meal := counter.get()) is not END:
            guest, number, thing = meal
            box = pack(thing)
            if guest not in guests:
                table = queue.SimpleQueue()
                thread = threading.Thread(target=eating, args=(guest, table))
                thread.start()
                guests[guest] = table, thread
            guests[guest][0].put((number, box))
        for table, _ in guests.values():
            table.put(END)

    kitchen = []
    free = threading.Semaphore(cooks)

    def cook_one(guest, number, dish):
        meal = cook(dish)
        free.release()
        counter.put((guest, number, meal))

    packer = threading.Thread(target=packing)
    for thread in [*kitchen, packer]:
        thread.start()
    for guest, dish in orders:
        number = numbers.get(guest, 0)
        numbers[guest] = number + 1
        free.acquire()
        kitchen.append(threading.Thread(target=cook_one, args=(guest, number, dish)))
        kitchen[-1].start()
    for thread in kitchen:
        thread.join()
    counter.put(END)
    packer.join()
    for _, thread in guests.values():
        thread.join()
