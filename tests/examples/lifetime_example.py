import threading
import time


class Kept:
    """A value that is fetched anew when its lifetime is over."""

    def __init__(self, seconds, fetch):
        self.seconds, self.fetch = seconds, fetch
        self.lock, self.end = threading.Lock(), 0.0

    def get(self):
        with self.lock:
            if time.monotonic() >= self.end:
                self.value, self.end = self.fetch(), time.monotonic() + self.seconds
            return self.value


def test_it_is_kept_for_an_hour(timing):
    with timing.virtual():
        prices = iter([5, 6])
        kept = Kept(3600, lambda: next(prices))
        assert kept.get() == 5
        time.sleep(3599)
        assert kept.get() == 5
        time.sleep(1)
        assert kept.get() == 6


def test_two_read_when_it_ends(race):
    def scenario():
        asked = []
        kept = Kept(3600, lambda: asked.append("tea"))
        kept.get()
        time.sleep(3600)
        race.run(kept.get, kept.get)
        assert asked == ["tea"] * 2

    race.explore(scenario)
