"""Crosses out on the list that it was given."""

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
    refused = 0
    while jobs and refused < len(jobs):
        job = jobs.pop(0)
        if knock(*job):
            refused = 0
            continue
        jobs.append(job)
        refused += 1
        if refused == len(jobs):
            rest = min(pause, deadline - time.monotonic())
            if rest <= 0:
                break
            time.sleep(rest)
            refused = 0
    return list(jobs)
