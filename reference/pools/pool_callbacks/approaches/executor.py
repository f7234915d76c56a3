"""The younger pool: futures are called back, and start a thread each."""

import threading
from concurrent.futures import Future, ProcessPoolExecutor


def asked(wake, guest):
    """Hand an exception over as a value: a future takes one that is false for none."""
    try:
        return True, wake(guest)
    except Exception as error:
        return False, error


def wake_all(context, porters, wake, guests, breakfast, apologise):
    meals, threads = [], []

    def serve(guest, meal, woken):
        try:
            is_awake, found = woken.result()
            meal.set_result(breakfast(guest, found) if is_awake else apologise(guest, found))
        except BaseException as raised:
            meal.set_exception(raised)

    def ring(guest, meal):
        def call_back(woken):
            thread = threading.Thread(target=serve, args=(guest, meal, woken))
            threads.append(thread)
            thread.start()

        return call_back

    with ProcessPoolExecutor(porters, mp_context=context) as pool:
        futures = []
        for guest in guests:
            meals.append(Future())
            futures.append((pool.submit(asked, wake, guest), ring(guest, meals[-1])))
        for woken, call_back in futures:
            woken.add_done_callback(call_back)
    errors = [meal.exception() for meal in meals]
    for thread in threads:
        thread.join()
    for error in errors:
        if error is not None:
            raise error
    return [meal.result() for meal in meals]
