import threading


class Visits:
    def __init__(self):
        self.count = 0

    def add(self):
        self.count += 1


def test_two_visitors(race):
    @race.explore
    def scenario():
        visits = Visits()
        threads = [threading.Thread(target=visits.add, name=name) for name in ("Ann", "Ben")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert visits.count > 0
