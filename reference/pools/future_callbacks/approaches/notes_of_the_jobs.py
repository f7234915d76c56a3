"""The jobs themselves note that they are in; semaphore and deque instead of a queue for the futures."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from threading import Semaphore


def arrivals(futures):
    done, there = deque(), Semaphore(0)

    def note(future):
        done.append(future)
        there.release()

    for future in futures:
        future.add_done_callback(note)

    def values():
        for _ in range(len(futures)):
            there.acquire()
            yield done.popleft()

    return values()


def regatta(sail, boats, crews, cheer):
    news, outcomes = Queue(), [None] * len(boats)

    def job(number):
        try:
            outcomes[number] = sail(boats[number])
        except BaseException as error:
            outcomes[number] = error
        news.put(number)

    with ThreadPoolExecutor(crews) as pool:
        for number in range(len(boats)):
            pool.submit(job, number)
        failed = []
        for _ in boats:
            number = news.get()
            try:
                cheer(boats[number], outcomes[number])
            except BaseException as error:
                failed.append(error)
    for error in failed:
        raise error
    return outcomes
