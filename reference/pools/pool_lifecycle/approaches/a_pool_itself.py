"""The works is a pool, with another end."""

import functools
import os
from multiprocessing.pool import Pool


def by_its_owner(method):
    @functools.wraps(method)
    def checked(works, *args):
        if works.owner != os.getpid():
            raise RuntimeError("this is a copy")
        return method(works, *args)

    return checked


class Glassworks(Pool):
    def __init__(self, context, light, settings=(), blowers=None, pieces=None):
        self.owner = os.getpid()
        super().__init__(blowers, light, [*settings], pieces, context=context)

    @by_its_owner
    def give(self, blow, *args):
        return self.apply_async(blow, args)

    @by_its_owner
    def close(self):
        super().close()
        self.join()

    @by_its_owner
    def stop(self):
        self.terminate()
        self.join()

    def __exit__(self, kind, error, trace):
        (self.close if kind is None else self.stop)()
