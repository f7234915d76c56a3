"""An event that a callback sets; a timer that closes the kitchen."""

import threading
from concurrent.futures import ThreadPoolExecutor


def ask(order, seconds=None):
    done = threading.Event()
    order.add_done_callback(lambda order: done.set())
    if not done.wait(seconds):
        return "not yet", None
    if order.cancelled():
        return "called off", None
    error = order.exception()
    if error is not None:
        return "failed", error
    return "served", order.result()


def call_off(orders):
    for order in reversed(orders):
        order.cancel()
    return [order for order in orders if order.cancelled()]


def evening(cook, dishes, cooks, seconds):
    pool = ThreadPoolExecutor(cooks)
    orders = [pool.submit(cook, dish) for dish in dishes]
    timer = threading.Timer(seconds, call_off, [orders])
    timer.start()
    pool.shutdown()
    timer.cancel()
    timer.join()
    return [ask(order) for order in orders]
