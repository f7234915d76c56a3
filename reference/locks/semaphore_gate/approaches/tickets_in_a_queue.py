"""A ticket for each place lies in a queue; who goes in takes one along. The tour is an executor's."""

import queue
from concurrent.futures import ThreadPoolExecutor


class Gate:
    def __init__(self, places):
        self.tickets = queue.Queue(places)
        for number in range(places):
            self.tickets.put(number)

    def enter(self, patience=None):
        try:
            self.tickets.get(timeout=patience)
        except queue.Empty:
            return False
        return True

    def leave(self):
        try:
            self.tickets.put_nowait("a ticket")
        except queue.Full:
            raise ValueError("nobody is inside") from None

    def visit(self, look, patience=None):
        if not self.enter(patience):
            return False
        try:
            look()
        finally:
            self.leave()
        return True


def show_round(visitors, places, look):
    def show(visitor):
        try:
            return look(visitor)
        except Exception as error:
            return error

    with ThreadPoolExecutor(max_workers=places) as guides:
        return list(guides.map(show, visitors))
