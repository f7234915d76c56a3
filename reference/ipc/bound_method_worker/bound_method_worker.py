"""The courier service: the worked solution.

A process that runs a method of an object has an object of its own: a copy. What it writes down there nobody else
sees, so receipts come back through a queue. They are only those of this run, as the copy may hold older ones. The
mark at the end is sent from here when all senders have ended; everything travels in a tuple, and the mark is the
empty one. Nothing is kept on `self` that could not be sent to a process which is started anew.
"""

import multiprocessing
from collections.abc import Callable, Iterable, Sequence

Parcel = object


class Courier:
    """A queue, and the methods that use it, each in a process of its own."""

    def __init__(self, handle: Callable[[Parcel], object]) -> None:
        """Remember what is to be done with a parcel where it arrives."""
        self.handle = handle
        self.queue = multiprocessing.Queue()
        self.receipts: list[object] = []
        self.sent = 0

    def send_all(self, parcels: Iterable[Parcel]) -> None:
        """Send some parcels: a process that sends."""
        for parcel in parcels:
            self.queue.put((parcel,))

    def receive(self, back) -> None:
        """Handle what arrives: the process that receives."""
        while arrived := self.queue.get():
            back.put((self.handle(*arrived),))
        back.put(())

    def run(self, loads: Sequence[Iterable[Parcel]]) -> None:
        """Let one process send each load, and one receive them all; return when it is done."""
        back = multiprocessing.Queue()
        receiving = multiprocessing.Process(target=self.receive, args=(back,))
        sending = [multiprocessing.Process(target=self.send_all, args=(load,)) for load in loads]
        for process in [receiving, *sending]:
            process.start()
        for process in sending:
            process.join()
        self.queue.put(())
        while receipt := back.get():
            self.receipts.extend(receipt)
            self.sent += 1
        receiving.join()
