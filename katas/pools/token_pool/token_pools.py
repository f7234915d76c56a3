"""Three boxes of helmets. Each is broken: read them, and leave them as they are."""

import queue
import threading


class Counted:
    """Helmets in a list: nobody takes one without looking whether there is one, its builder says."""

    def __init__(self, size):
        self.helmets = list(range(size))

    def take(self):
        if self.helmets:
            return self.helmets.pop()
        return None


class Hasty:
    """Whoever dives has a helmet, and the box has so many: so no more are in the water, its builder says."""

    def __init__(self, size):
        self.helmets = queue.Queue()
        for helmet in range(size):
            self.helmets.put(helmet)
        self.dives, self.out = 0, None

    def run(self, job):
        helmet = self.helmets.get()
        self.dives += 1
        threading.Thread(target=self.dive, args=(job, helmet), name=f"diver-{self.dives}").start()

    def dive(self, job, helmet):
        try:
            job()
        finally:
            self.helmets.put(helmet)
            self.out = helmet  # climbs out


class Gathered:
    """If all helmets are in my hands, nobody dives: so they have ended, its builder says."""

    def __init__(self, size):
        self.size = size
        self.helmets = queue.Queue()
        for helmet in range(size):
            self.helmets.put(helmet)

    def join(self):
        gathered = []
        while len(gathered) < self.size:
            gathered.append(self.helmets.get())
        for helmet in gathered:
            self.helmets.put(helmet)
