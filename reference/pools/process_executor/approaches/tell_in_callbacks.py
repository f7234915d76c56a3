"""Who tells is the callback itself; a semaphore counts who has come back."""

import threading
from itertools import count as numbers
from itertools import starmap


def survey(executor, count, plates, bundle=1):
    return [*executor.map(count, plates, chunksize=bundle)]


def announce(executor, count, plates, tell):
    back, heard = threading.Semaphore(0), []

    def call_back(place):
        def told(future):
            outcome = future.exception()
            if outcome is None:
                outcome = future.result()
                heard.append(outcome)
            tell(place, outcome)
            back.release()

        return told

    futures = [executor.submit(count, plate) for plate in plates]
    for place, future in enumerate(futures):
        future.add_done_callback(call_back(place))
    for _ in futures:
        back.acquire()
    return sum(heard)


def pairs(place, stars):
    return [(star, place) for star in stars]


def catalogue(executor, find, plates):
    found = {}
    for some in starmap(pairs, zip(numbers(), executor.map(find, plates))):
        for star, place in some:
            found[star] = [*found.get(star, []), place]
    return found
