"""Without an initializer: the first piece of a process lights the furnace."""

import os

BURNING = []


def blow_here(light, settings, blow, args):
    if not BURNING:
        light(*settings)
        BURNING.append(settings)
    return blow(*args)


class Glassworks:
    def __init__(self, context, light, settings=(), blowers=None, pieces=None):
        self.furnace = light, tuple(settings)
        self.pool = context.Pool(processes=blowers, maxtasksperchild=pieces)
        self.owner = os.getpid()

    def mine(self):
        if self.owner == os.getpid():
            return self.pool
        raise RuntimeError(f"made by {self.owner}")

    def give(self, blow, *args):
        return self.mine().apply_async(blow_here, (*self.furnace, blow, args))

    def close(self):
        self.mine().close()
        self.pool.join()

    def stop(self):
        self.mine().terminate()
        self.pool.join()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None:
            self.mine().terminate()
        self.close()
