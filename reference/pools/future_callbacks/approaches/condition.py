"""A list that grows, a condition, and an iterator that is a class; the crews are threads."""

import threading


class Arrivals:
    def __init__(self, futures):
        self.expected, self.given = len(futures), 0
        self.done, self.changed = [], threading.Condition()
        for future in futures:
            future.add_done_callback(self.note)

    def note(self, future):
        with self.changed:
            self.done.append(future)
            self.changed.notify()

    def __iter__(self):
        return self

    def __next__(self):
        if self.given == self.expected:
            raise StopIteration
        with self.changed:
            self.changed.wait_for(lambda: len(self.done) > self.given)
            self.given += 1
            return self.done[self.given - 1]


def arrivals(futures):
    return Arrivals(futures)


def regatta(sail, boats, crews, cheer):
    start, changed = iter(enumerate(boats)), threading.Condition()
    outcomes, order, first = {}, [], None

    def crew():
        while True:
            with changed:
                number, boat = next(start, (None, None))
            if number is None:
                return
            try:
                outcome = sail(boat)
            except BaseException as error:
                outcome = error
            with changed:
                outcomes[number] = outcome
                order.append(number)
                changed.notify()

    threads = [threading.Thread(target=crew) for _ in range(crews)]
    for thread in threads:
        thread.start()
    for place in range(len(boats)):
        with changed:
            changed.wait_for(lambda place=place: len(order) > place)
        try:
            cheer(boats[order[place]], outcomes[order[place]])
        except BaseException as error:
            first = error if first is None else first
    for thread in threads:
        thread.join()
    if first is not None:
        raise first
    return [outcomes[number] for number in range(len(boats))]
