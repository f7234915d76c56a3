"""Does not look at what `acquire` answers."""

import time


def knock(room, work):
    room.acquire(blocking=False)
    try:
        work()
    finally:
        room.release()
    return True


def wait_at(room, patience, work):
    if not room.acquire(timeout=patience):
        return False
    try:
        work()
    finally:
        room.release()
    return True


def carry(here, there, patience, work):
    deadline = time.monotonic() + patience
    while here.acquire(timeout=max(0, deadline - time.monotonic())):
        try:
            if knock(there, work):
                return True
        finally:
            here.release()
        here, there = there, here
    return False


def go_round(jobs, pause, patience):
    deadline = time.monotonic() + patience
    left = list(jobs)
    while left:
        refused = [(room, work) for room, work in left if not knock(room, work)]
        if len(refused) == len(left):
            rest = min(pause, deadline - time.monotonic())
            if rest <= 0:
                return left
            time.sleep(rest)
        left = refused
    return []
