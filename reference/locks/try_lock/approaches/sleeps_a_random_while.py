"""Backs off with pauses that grow and differ, so that two do not go on in step."""

import contextlib
import random
import time
from collections import deque


@contextlib.contextmanager
def asked(room, patience=0.0):
    """Take the room if it can be had in that time, and say whether."""
    is_in = room.acquire(timeout=patience)
    try:
        yield is_in
    finally:
        if is_in:
            room.release()


def knock(room, work):
    with asked(room) as is_in:
        if is_in:
            work()
        return is_in


def wait_at(room, patience, work):
    with asked(room, patience) as is_in:
        if is_in:
            work()
        return is_in


def carry(here, there, patience, work):
    deadline = time.monotonic() + patience
    longest = 0.01
    while True:
        with asked(here) as in_first, asked(there) as in_second:
            if in_first and in_second:
                work()
                return True
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(left, random.uniform(0.01, longest)))
        longest = min(0.25, 2 * longest)


def go_round(jobs, pause, patience):
    deadline = time.monotonic() + patience
    line = deque(enumerate(jobs))
    refused = 0  # so many in a row
    while line:
        number, (room, work) = line.popleft()
        if knock(room, work):
            refused = 0
            continue
        line.append((number, (room, work)))
        refused += 1
        if refused == len(line):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(pause, left))
            refused = 0
    return [job for _, job in sorted(line, key=lambda each: each[0])]
