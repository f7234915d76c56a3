"""Two shelves on which maps are kept. Each is broken: read them, and leave them as they are."""

import asyncio


class NotedShelf:
    """Who asks first leaves a note, the others wait until he has ticked it off: so nobody draws twice, he says."""

    def __init__(self, draw):
        self.draw, self.maps, self.notes = draw, {}, {}

    async def get(self, name):
        if name in self.notes:
            await self.notes[name].wait()
            return self.maps[name]
        self.notes[name] = asyncio.Event()
        self.maps[name] = await self.draw(name)
        self.notes[name].set()
        return self.maps[name]


class TidyShelf:
    """A lock for each name, and none is left lying about: one draws at a time, its builder says."""

    def __init__(self, draw):
        self.draw, self.maps, self.locks = draw, {}, {}

    async def get(self, name):
        lock = self.locks.setdefault(name, asyncio.Lock())
        async with lock:
            try:
                if name not in self.maps:
                    self.maps[name] = await self.draw(name)
                return self.maps[name]
            finally:
                self.locks.pop(name, None)
