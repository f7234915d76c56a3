"""The evening without a pool: cooks who take dishes from a deque, and a condition with a time limit."""

import threading
import time
from collections import deque
from concurrent.futures import CancelledError


def ask(order, seconds=None):
    try:
        return "served", order.result(seconds)
    except BaseException as error:
        if not order.done():
            return "not yet", None
        if order.cancelled():
            return "called off", None
        if order.exception() is None:  # it was done just after time was up
            return "served", order.result()
        return "failed", order.exception()


def call_off(orders):
    off = []
    for order in orders:
        order.cancel()
        try:
            order.exception(0)
        except CancelledError:
            off.append(order)
        except TimeoutError:
            pass
    return off


def evening(cook, dishes, cooks, seconds):
    until = time.monotonic() + seconds
    left, changed, found = deque(enumerate(dishes)), threading.Condition(), {}

    def work():
        while True:
            with changed:
                if not left:
                    return
                number, dish = left.popleft()
            try:
                outcome = "served", cook(dish)
            except BaseException as error:
                outcome = "failed", error
            with changed:
                found[number] = outcome
                changed.notify()

    threads = [threading.Thread(target=work) for _ in range(cooks)]
    for thread in threads:
        thread.start()
    with changed:
        changed.wait_for(lambda: len(found) == len(dishes), max(0, until - time.monotonic()))
        left.clear()
    for thread in threads:
        thread.join()
    return [found.get(number, ("called off", None)) for number in range(len(dishes))]
