"""A queue hands each item to one worker; the caller has emptied the old flat into it beforehand."""

import queue
import random
import threading


def move_all(source, target, carry, workers):
    waiting = queue.Queue()
    for item in random.sample(source, k=len(source)):
        waiting.put(item)
    source.clear()
    friends = [threading.Thread(target=work, args=(waiting, target, carry)) for _ in range(workers)]
    for friend in friends:
        friend.start()
    for friend in friends:
        friend.join()


def work(waiting, target, carry):
    while True:
        try:
            item = waiting.get_nowait()
        except queue.Empty:
            break
        carry(item)
        target += [item]
