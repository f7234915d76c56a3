"""No mark: the reader is told at the end how many telegrams there were; processes are classes of their own."""

import multiprocessing
from multiprocessing import Process


class Writer(Process):
    def __init__(self, wire, write):
        super().__init__()
        self.wire, self.write = wire, write

    def run(self):
        count = 0
        try:
            for count, telegram in enumerate(self.write(), 1):
                self.wire.put(("telegram", telegram))
        finally:
            self.wire.put(("all", count))


class Reader(Process):
    def __init__(self, wire, read):
        super().__init__()
        self.wire, self.read = wire, read

    def run(self):
        seen, all_of_them = 0, None
        while seen != all_of_them:
            kind, content = self.wire.get()
            if kind == "all":
                all_of_them = content
            else:
                seen += 1
                self.read(content)


def relay(write, read):
    wire = multiprocessing.Queue(3)
    both = [Writer(wire, write), Reader(wire, read)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    return [process.exitcode for process in both]


def collect(stations):
    lines = [multiprocessing.Pipe(duplex=False) for _ in stations]
    processes = [Process(target=_answer, args=(station, end)) for station, (_, end) in zip(stations, lines)]
    for process in processes:
        process.start()
    answers = []
    for process, (here, there) in zip(processes, lines):
        there.close()
        with here:
            answers.append(here.recv())
        process.join()
    return answers


def _answer(station, end):
    end.send(station())
