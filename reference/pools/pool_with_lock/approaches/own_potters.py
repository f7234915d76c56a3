"""Threads of its own, which take numbers from one iterator under a lock of its own."""

import threading


def make_all(pots, potters, turn, fire, paint, kiln):
    numbers, asking = iter(range(len(pots))), threading.Lock()
    made = list(pots)

    def work():
        while True:
            with asking:
                number = next(numbers, None)
            if number is None:
                return
            try:
                clay = turn(pots[number])
                with kiln:
                    hard = fire(clay)
                made[number] = paint(hard)
            except BaseException as error:
                made[number] = error

    threads = [threading.Thread(target=work) for _ in range(potters)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return made
