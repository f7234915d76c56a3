"""The courier service, broken: repair it. The contract is in README.md."""

import multiprocessing
from collections.abc import Callable, Sequence

Parcel = object


class Courier:
    """A queue, and the methods that use it, each in a process of its own."""

    def __init__(self, handle: Callable[[Parcel], object]) -> None:
        """Remember what is to be done with a parcel where it arrives."""
        self.handle = handle
        self.queue = multiprocessing.Queue()
        self.receipts: list[object] = []
        self.sent = 0

    def send(self, parcel: Parcel) -> None:
        """Send a parcel."""
        self.queue.put(parcel)
        self.sent += 1

    def send_all(self, parcels: Sequence[Parcel]) -> None:
        """Send some parcels: a process that sends."""
        for parcel in parcels:
            self.send(parcel)

    def receive(self) -> None:
        """Handle what arrives: the process that receives."""
        while True:
            parcel = self.queue.get()
            self.receipts.append(self.handle(parcel))

    def run(self, loads: Sequence[Sequence[Parcel]]) -> None:
        """Let one process send each load, and one receive them all; return when it is done."""
        receiving = multiprocessing.Process(target=self.receive)
        sending = [multiprocessing.Process(target=self.send_all, args=(load,)) for load in loads]
        for process in [receiving, *sending]:
            process.start()
        for process in [receiving, *sending]:
            process.join()
