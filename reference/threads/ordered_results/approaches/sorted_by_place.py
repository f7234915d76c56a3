"""Results come through a queue in any order, with their place, and are put in order at the end."""

from operator import itemgetter
from queue import SimpleQueue
from threading import Thread


def in_threads(function, items):
    answers = SimpleQueue()
    for place, item in enumerate(items):
        Thread(target=lambda place=place, item=item: answers.put((place, function(item)))).start()
    found = [answers.get() for _ in items]
    return [answer for _, answer in sorted(found, key=itemgetter(0))]


def squares(numbers, square):
    return in_threads(lambda number: (number, square(number)), numbers)
