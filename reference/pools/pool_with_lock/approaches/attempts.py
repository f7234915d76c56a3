"""`map` over a job that never raises; the key by hand."""

from concurrent.futures import ThreadPoolExecutor


def make_all(pots, potters, turn, fire, paint, kiln):
    def with_key(clay):
        kiln.acquire()
        try:
            return fire(clay)
        finally:
            kiln.release()

    def attempt(pot):
        try:
            return paint(with_key(turn(pot)))
        except BaseException as error:
            return error

    with ThreadPoolExecutor(potters) as pool:
        return list(pool.map(attempt, pots))
