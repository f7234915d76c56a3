"""A failure that leaves state behind, or needs what others have left: no replay is printed that passes elsewhere."""

import itertools
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from controlled import failed

ROOM = dedent("""
    import collections, sys, threading
    from dataclasses import dataclass
    from pytest_concurrency import explore

    USERS, SEATS, NAMES, QUEUE = 0, {{"a": 0}}, set(), collections.deque()
    PERMITS = threading.Semaphore(2)

    class Room:
        users, log = 0, []
        def __init__(self):
            self.users = 0

    @dataclass(slots=True)
    class Small:
        users: int = 0

    ROOM, SMALL = Room(), Small()

    def made():
        inside, balance = 0, 100
        def enter():
            global USERS
            nonlocal inside
            nonlocal balance
            {enter}
        def scenario():
            threads = [threading.Thread(target=enter) for _ in range(2)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
        return scenario

    if __name__ == "__main__":
        verdict = explore(made(), replay=sys.argv[1] if len(sys.argv) > 1 else None, strategy="random")
        print(verdict.grade)
        print(verdict.replay)
        print(verdict.error)
""")
WAYS = {
    "global": "USERS += 1; assert USERS == 1; USERS -= 1",
    "closure": "inside += 1; assert inside == 1; inside -= 1",
    "attribute": "ROOM.users += 1; assert ROOM.users == 1; ROOM.users -= 1",
    "slot": "SMALL.users += 1; assert SMALL.users == 1; SMALL.users -= 1",
    "class": "Room.users += 1; assert Room.users == 1; Room.users -= 1",
    "list": "Room.log.append(1); assert len(Room.log) == 1; Room.log.pop()",
    "dictionary": "SEATS['a'] += 1; assert SEATS['a'] == 1; SEATS['a'] -= 1",
    "set": "me = object(); NAMES.add(me); assert len(NAMES) == 1; NAMES.remove(me)",
    "semaphore": "PERMITS.acquire(); n, balance = balance, balance - 70; assert n == 100; PERMITS.release()",
    "deque": "QUEUE.append(1); assert len(QUEUE) == 1; QUEUE.pop()",
}


def run(file: Path, *arguments: str) -> list[str]:
    command = [sys.executable, "-P", str(file), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("enter", WAYS.values(), ids=WAYS)
def test_a_token_of_a_failure_that_leaves_something_changed_fails_in_a_new_process(tmp_path: Path, enter: str) -> None:
    file = tmp_path / "room.py"
    file.write_text(ROOM.format(enter=enter))
    grade, token, *told = run(file)
    assert (grade, bool(token)) == ("failed", True)
    assert run(file, token) == [grade, token, *told]


def test_a_failure_that_needs_what_others_left_says_in_what_and_has_no_token() -> None:
    verdict = failed(add_up, strategy="random")
    told = " ".join(str(verdict).split())
    assert (
        f"note: it depends on what earlier schedules have left in {__name__}.TOTAL: this schedule alone passes" in told
    )
    assert "to see it again, explore again in a new process, with the same seed and no replay" in told
    assert (verdict.replay, verdict.schedules) == ("", 2)
    assert "assert 4 == 2" in told


TOTAL = 0
COUNT = itertools.count(1)


def add_up() -> None:
    def add() -> None:
        global TOTAL
        TOTAL += 1

    both(add)
    assert TOTAL == 2


def both(work: Callable[[], object]) -> None:
    threads = [threading.Thread(target=work) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_state_that_is_not_seen_is_told_by_a_run_without_a_switch_that_fails_now_and_passed_before() -> None:
    def scenario() -> None:
        both(lambda: None)
        assert next(COUNT) < 3, "the third time, and all that follow"

    verdict = failed(scenario, strategy="dfs")
    told = " ".join(str(verdict).split())
    assert "it depends on what earlier schedules have left in something that is not seen" in told
    assert verdict.replay == ""


def test_what_a_thread_from_elsewhere_waits_in_is_left_to_it() -> None:
    jobs: queue.Queue[queue.Queue[str] | None] = queue.Queue()
    answered: list[str] = []

    def serve() -> None:
        while (answers := jobs.get()) is not None:
            answers.put("here")
            jobs.task_done()

    def ask() -> str:
        answers: queue.Queue[str] = queue.Queue()
        jobs.put(answers)
        return answers.get(timeout=20)

    def scenario() -> None:
        answered.append(ask())
        assert len(answered) == 0, "each time"

    server = threading.Thread(target=serve)
    server.start()
    try:
        verdict = failed(scenario)
        assert ask() == "here"
        assert "assert 1 == 0" in str(verdict)  # what nobody else has at hand is given back
    finally:
        jobs.put(None)
        server.join()
