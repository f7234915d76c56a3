"""One list of all who are there, kept in the order in which they would run."""

from typing import NamedTuple


class Job(NamedTuple):
    name: str
    arrival: int
    burst: int


class Slice(NamedTuple):
    name: str
    level: int
    start: int
    end: int


class Waiting:
    def __init__(self, job):
        self.name, self.left, self.level = job.name, job.burst, 0


def feedback(jobs, quanta, boost=None):
    street = sorted(jobs, key=lambda job: job.arrival)
    room, slices, clock = [], [], 0
    next_boost = boost

    def join(each):
        place = sum(other.level <= each.level for other in room)
        room.insert(place, each)

    def open_the_door():
        while street and street[0].arrival <= clock:
            join(Waiting(street.pop(0)))

    while street or room:
        open_the_door()
        if not room:
            clock = street[0].arrival
            continue
        while boost and next_boost <= clock:
            next_boost += boost  # passed by while nobody was there, or done at the end of the last turn
        now = room.pop(0)
        turn = min(quanta[now.level], now.left)
        slices.append(Slice(now.name, now.level, clock, clock + turn))
        clock += turn
        now.left -= turn
        open_the_door()
        if now.left:
            now.level = min(now.level + 1, len(quanta) - 1)
            join(now)
        if boost and next_boost <= clock:
            for each in room:
                each.level = 0
    return slices
