"""Does not override run: the inherited one calls the target, here a method."""

from threading import Thread


class Baker(Thread):
    def __init__(self, name, loaves, bake):
        Thread.__init__(self, target=self._work, args=(loaves, bake), name=name)
        self.baked = []

    def _work(self, loaves, bake):
        self.baked.extend(map(bake, loaves))


def open_bakery(bakers):
    records = {}
    for baker in bakers:
        baker.start()
        records[baker.name] = baker.baked
    for baker in bakers:
        baker.join()
    return records
