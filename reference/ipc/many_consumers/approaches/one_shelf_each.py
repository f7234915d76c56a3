"""A shelf for each consumer, who gets the next item when its result has come; the None goes to whoever is idle last."""

from multiprocessing import Pipe, Process
from multiprocessing.connection import wait


def share(items, consumers, work):
    lines = [Pipe() for _ in range(consumers)]
    staff = [Process(target=serve, args=(there, work)) for _, there in lines]
    for process in staff:
        process.start()
    idle, busy, results = [here for here, _ in lines], {}, []

    def take_results():
        for line in wait(list(busy)):
            results[busy.pop(line)] = line.recv()
            idle.append(line)

    try:
        for item in items:
            if not idle:
                take_results()
            results.append(None)
            line = idle.pop()
            busy[line] = len(results) - 1
            line.send([item])
    finally:
        while busy:
            take_results()
        for here, _ in lines:
            here.send(None)
        for process in staff:
            process.join()
    return results


def serve(end, work):
    while (wrapped := end.recv()) is not None:
        end.send(work(wrapped[0]))
