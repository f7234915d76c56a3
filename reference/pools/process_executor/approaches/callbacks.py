"""Bundles by hand, callbacks and a queue: what a future has to say comes to the caller's thread."""

import queue
from functools import partial


def count_bundle(count, bundle):
    return [count(plate) for plate in bundle]


def survey(executor, count, plates, bundle=1):
    plates = list(plates)
    bundles = [plates[at : at + bundle] for at in range(0, len(plates), bundle)]
    futures = [executor.submit(count_bundle, count, each) for each in bundles]
    return [stars for future in futures for stars in future.result()]


def each_as_it_comes(executor, work, plates):
    done = queue.SimpleQueue()
    number = 0
    for place, plate in enumerate(plates):
        future = executor.submit(work, plate)
        future.add_done_callback(partial(lambda place, future: done.put((place, future)), place))
        number += 1
    for _ in range(number):
        yield done.get()


def announce(executor, count, plates, tell):
    total = 0
    for place, future in each_as_it_comes(executor, count, plates):
        outcome = future.exception()
        if outcome is None:
            outcome = future.result()
            total += outcome
        tell(place, outcome)
    return total


def catalogue(executor, find, plates):
    found = {}
    for place, future in each_as_it_comes(executor, find, plates):
        for star in future.result():
            found.setdefault(star, []).append(place)
    return {star: sorted(places) for star, places in found.items()}
