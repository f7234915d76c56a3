"""Takes the lock before the loop and releases it after the loop."""

import threading


class Stock:
    def __init__(self, count):
        self.count = count
        self.own_lock = threading.Lock()

    def take(self):
        with self.own_lock:
            self.count -= 1

    def put(self):
        with self.own_lock:
            self.count += 1


def ship(stock, packers, rounds, pack):
    lock = threading.Lock()

    def work():
        with lock:
            for _ in range(rounds):
                pack()
                stock.take()

    threads = [threading.Thread(target=work) for _ in range(packers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
