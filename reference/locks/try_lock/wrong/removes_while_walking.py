"""Removes what is done from the list that it walks over."""

import time


def knock(room, work):
    if not room.acquire(blocking=False):
        return False
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
        for job in left:
            if knock(*job):
                left.remove(job)
        rest = min(pause, deadline - time.monotonic())
        if left:
            if rest <= 0:
                break
            time.sleep(rest)
    return left
