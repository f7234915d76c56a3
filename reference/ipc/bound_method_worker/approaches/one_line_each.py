"""A pipe for each sender, which is closed at the end of its load; a thread collects what comes back."""

import threading
from multiprocessing import JoinableQueue, Pipe, Process, Value
from multiprocessing.connection import wait


class Courier:
    def __init__(self, handle):
        self.handle = handle
        self.receipts = []
        self.counter = Value("q")

    @property
    def sent(self):
        return self.counter.value

    def send_all(self, end, load):
        for parcel in load:
            end.send(parcel)
            with self.counter.get_lock():
                self.counter.value += 1
        end.close()

    def receive(self, ends, back):
        while ends:
            for end in wait(ends):
                try:
                    parcel = end.recv()
                except EOFError:
                    ends.remove(end)
                else:
                    back.put((self.handle(parcel),))

    def collect(self, back):
        while receipt := back.get():
            self.receipts.append(receipt[0])

    def run(self, loads):
        back = JoinableQueue()
        lines = []
        sending = []
        for load in loads:
            out, into = Pipe(duplex=False)
            lines.append(out)
            sending.append(Process(target=self.send_all, args=(into, load)))
            sending[-1].start()
            into.close()
        receiving = Process(target=self.receive, args=(lines, back))
        receiving.start()
        for out in lines:
            out.close()
        collector = threading.Thread(target=self.collect, args=(back,))
        collector.start()
        for process in [*sending, receiving]:
            process.join()
        back.put(())
        collector.join()
