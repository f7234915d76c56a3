"""All four are one: take these rooms within this time, and put on a stack what has to be given back."""

import time
from contextlib import ExitStack


def take(rooms, deadline):
    """Wait for the room that was refused last; return what gives all back, or None if time is up."""
    rooms = list(rooms)
    while True:
        with ExitStack() as taken:
            timeout = max(deadline - time.monotonic(), 0)
            for room in rooms:
                if not room.acquire(True, timeout):
                    break
                taken.callback(room.release)
                timeout = 0
            else:
                return taken.pop_all()
        if time.monotonic() >= deadline:
            return None
        rooms.remove(room)
        rooms.insert(0, room)


def work_in(rooms, patience, work):
    taken = take(rooms, time.monotonic() + patience)
    if taken is None:
        return False
    with taken:
        work()
        return True


def knock(room, work):
    return work_in([room], 0, work)


def wait_at(room, patience, work):
    return work_in([room], patience, work)


def carry(here, there, patience, work):
    return work_in([here, there], patience, work)


def go_round(jobs, pause, patience):
    deadline = time.monotonic() + patience
    done = [False] * len(jobs)
    while not all(done):
        before = sum(done)
        for number, (room, work) in enumerate(jobs):
            if not done[number]:
                done[number] = knock(room, work)
        if sum(done) > before:
            continue
        rest = min(pause, deadline - time.monotonic())
        if rest <= 0:
            break
        number = done.index(False)
        done[number] = wait_at(jobs[number][0], rest, jobs[number][1])
    return [job for job, is_done in zip(jobs, done, strict=True) if not is_done]
