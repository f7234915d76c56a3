"""Keeps the work apart from the thread: a mixin that knows nothing of threads."""

import threading
from functools import partial


class Work:
    loaves = ()

    def all_loaves(self):
        return iter(self.loaves)

    def run(self):
        for step in (partial(self.bake, loaf) for loaf in self.all_loaves()):
            self.baked += [step()]


class Baker(Work, threading.Thread):
    def __init__(self, name, loaves, bake):
        self.loaves, self.bake, self.baked = tuple(loaves), bake, []
        super().__init__(None, None, name)


def open_bakery(bakers):
    list(map(Baker.start, bakers))
    return {baker.name: baker.join() or baker.baked for baker in bakers}
