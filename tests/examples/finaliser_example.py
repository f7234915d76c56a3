import threading


class Registry:
    def __init__(self):
        self.lock, self.alive = threading.Lock(), {}

    def add(self, thing):
        with self.lock:
            self.alive[id(thing)] = repr(thing)

    def remove(self, thing):
        with self.lock:
            self.alive.pop(id(thing), None)


class Lease:
    def __init__(self, registry):
        self.registry, self.me = registry, self  # a cycle: only the collector ends it
        registry.add(self)

    def __del__(self):
        self.registry.remove(self)


def test_leases_come_and_go(race):
    def scenario():
        registry = Registry()
        Lease(registry)
        Lease(registry)

    race.explore(scenario, finalisers="fail")
