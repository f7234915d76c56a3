"""Doubles the pause after each attempt, without an end."""

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
    pause = 0.1
    while True:
        if here.acquire(blocking=False):
            try:
                if knock(there, work):
                    return True
            finally:
                here.release()
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(pause, left))
        pause *= 2


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
