class Cache:
    def __init__(self, size):
        self.size, self.data = size, {}

    def put(self, key, value):
        if len(self.data) >= self.size:
            oldest = next(iter(self.data))
            del self.data[oldest]
        self.data[key] = value


def test_two_threads_fill_a_cache(race):
    def scenario():
        cache = Cache(size=1)
        cache.put("a", 1)
        race.run(lambda: cache.put("b", 2), lambda: cache.put("c", 3))
        assert len(cache.data) == 1

    race.explore(scenario)
