"""Each sender says how many it has sent; the receiver counts until it has them all, and sends back one list."""

from multiprocessing import Pipe, Process, SimpleQueue


class Courier:
    def __init__(self, handle):
        self.handle, self.receipts, self.sent = handle, [], 0

    def send_all(self, wire, parcels):
        number = 0
        for number, parcel in enumerate(parcels, 1):
            wire.put(("parcel", parcel))
        wire.put(("sent", number))

    def receive(self, wire, senders, back):
        receipts, sent = [], 0
        while senders or len(receipts) < sent:
            kind, content = wire.get()
            if kind == "sent":
                senders -= 1
                sent += content
            else:
                receipts.append(self.handle(content))
        back.send((receipts, sent))

    def run(self, loads):
        wire = SimpleQueue()
        here, there = Pipe(duplex=False)
        processes = [Process(target=self.receive, args=(wire, len(loads), there))]
        processes += [Process(target=self.send_all, args=(wire, load)) for load in loads]
        for process in processes:
            process.start()
        receipts, sent = here.recv()
        for process in processes:
            process.join()
        self.receipts += receipts
        self.sent += sent
