"""One object under one condition: everybody waits for what concerns him, and the work itself is done outside of it."""

import threading
from collections import deque


class Restaurant:
    def __init__(self, cook, pack, eat):
        self.cook, self.pack, self.eat = cook, pack, eat
        self.changed = threading.Condition()
        self.ordered, self.cooked = deque(), deque()
        self.boxes, self.eaten, self.asked = {}, {}, {}
        self.open = True
        self.in_the_oven = 0
        self.unpacked = 0

    def take(self, ready, over, act):
        with self.changed:
            self.changed.wait_for(lambda: ready() or over())
            if not ready():
                return None
            found = act()
            self.changed.notify_all()
            return found

    def tell(self, act):
        with self.changed:
            act()
            self.changed.notify_all()

    def chef(self):
        while order := self.take(lambda: self.ordered, lambda: not self.open, lambda: self.ordered.popleft()):
            guest, number, dish = order
            meal = self.cook(dish)
            self.tell(lambda: self.cooked.append((guest, number, meal)))

    def clerk(self):
        while ready := self.take(
            lambda: self.cooked, lambda: not self.open and not self.unpacked, lambda: self.cooked.popleft()
        ):
            guest, number, meal = ready
            box = self.pack(meal)

            def done():
                self.unpacked -= 1
                self.boxes[guest, number] = box

            self.tell(done)

    def guest(self, guest):
        number = 0
        while box := self.take(
            lambda: (guest, number) in self.boxes,
            lambda: not self.open and number == self.asked[guest],
            lambda: [self.boxes.pop((guest, number))],
        ):
            self.eat(guest, *box)
            number += 1

    def order(self, guest, dish):
        new = guest not in self.asked

        def note():
            number = self.asked.get(guest, 0)
            self.asked[guest] = number + 1
            self.unpacked += 1
            self.ordered.append((guest, number, dish))

        self.tell(note)
        return new

    def close(self):
        self.open = False


def serve(orders, cooks, cook, pack, eat):
    place = Restaurant(cook, pack, eat)
    threads = []

    def start(target, *args):
        threads.append(threading.Thread(target=target, args=args))
        threads[-1].start()

    for _ in range(cooks):
        start(place.chef)
    start(place.clerk)
    for guest, dish in orders:
        if place.order(guest, dish):
            start(place.guest, guest)
    place.tell(place.close)
    for thread in threads:
        thread.join()
