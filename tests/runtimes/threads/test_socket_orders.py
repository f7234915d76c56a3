"""Orders of what happens at sockets: a proof has every outcome that trying all schedules has."""

import select
import selectors
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from controlled import outcomes
from programs.program import together

from pytest_concurrency import Grade, explore

HERE = ("127.0.0.1", 0)
CASES: dict[str, tuple[Callable[[], Any], set[str]]] = {}


def case(*expected: Any) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Note a program with every outcome that it has."""

    def note(program: Callable[[], Any]) -> Callable[[], Any]:
        CASES[program.__name__] = (program, set(map(repr, expected)))
        return program

    return note


def attempt(call: Callable[[], Any], log: list[Any], what: Any = None) -> None:
    """Note what a call gives, or which error it raises."""
    try:
        found = call()
    except OSError as error:
        log.append(type(error).__name__)
    else:
        log.append(found if what is None else what)


@case(b"ab", b"ba")
def two_send() -> bytes:
    here, there = socket.socketpair()
    with here, there:
        together(lambda: here.send(b"a"), lambda: here.send(b"b"))
        return there.recv(10)


@case(b"a", b"ab")
def one_reads_between_two_sends() -> Any:
    here, there = socket.socketpair()
    got: list[bytes] = []

    def send() -> None:
        here.send(b"a")
        here.send(b"b")

    with here, there:
        together(send, lambda: got.append(there.recv(10)))
    return got[0]


@case([b"1", b"2"], [b"2", b"1"])
def two_read() -> list[bytes]:
    here, there = socket.socketpair()
    got: list[bytes] = []
    with here, there:
        together(*[lambda: got.append(there.recv(1))] * 2, lambda: here.send(b"12"))
    return got


@case(["BrokenPipeError", b""], ["sent", b"a"])
def one_ends_while_another_sends() -> list[Any]:
    here, there = socket.socketpair()
    log: list[Any] = []
    with here, there:
        together(lambda: attempt(lambda: here.send(b"a"), log, "sent"), lambda: here.shutdown(socket.SHUT_WR))
        log.append(there.recv(10))
    return log


@case([True, False], [False, True], [True, True])
def one_selects_of_two() -> list[bool]:
    pairs = [socket.socketpair(), socket.socketpair()]
    found: list[Any] = []
    ready = [there for _, there in pairs]
    together(lambda: found.extend(select.select(ready, [], [])[0]), *(lambda e=here: e.send(b"x") for here, _ in pairs))
    for each in (each for pair in pairs for each in pair):
        each.close()
    return [each in found for each in ready]


@case([0], [1])
def one_asks_a_selector() -> list[int]:
    here, there = socket.socketpair()
    found: list[int] = []
    with here, there, selectors.DefaultSelector() as lamps:
        lamps.register(there, selectors.EVENT_READ)
        together(lambda: found.append(len(lamps.select(0))), lambda: here.send(b"x"))
    return found


@case(["BlockingIOError"], [b"x"])
def one_does_not_wait() -> list[Any]:
    here, there = socket.socketpair()
    there.settimeout(0)
    log: list[Any] = []
    with here, there:
        together(lambda: attempt(lambda: there.recv(1), log), lambda: here.send(b"x"))
    return log


@case(["TimeoutError"], [b"x"])
def one_waits_as_long_as_another_sleeps() -> list[Any]:
    here, there = socket.socketpair()
    there.settimeout(5)
    log: list[Any] = []

    def late() -> None:
        time.sleep(5)
        here.send(b"x")

    with here, there:
        together(lambda: attempt(lambda: there.recv(1), log), late)
    return log


@case([b"a", b"bc"], [b"abc", b""])
def the_first_byte_comes_alone() -> list[bytes]:
    got: list[bytes] = []
    with socket.create_server(HERE) as door, socket.create_connection(door.getsockname()) as client:
        line, _ = door.accept()

        def send() -> None:
            client.send(b"abc")
            client.shutdown(socket.SHUT_WR)

        with line:
            together(send, lambda: got.extend([line.recv(9), line.recv(9)]))
    return got


@case("ConnectionRefusedError", "FileNotFoundError", "in")
def one_connects_before_another_listens() -> Any:
    log: list[Any] = []
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as door:
        place = str(Path(folder) / "door")

        def listen() -> None:
            door.bind(place)
            door.listen()

        def connect() -> None:
            with socket.socket(socket.AF_UNIX) as client:
                attempt(lambda: client.connect(place), log, "in")

        together(listen, connect)
    return log[0]


@case(b"a", b"b")
def two_send_datagrams() -> bytes:
    with socket.socket(type=socket.SOCK_DGRAM) as box:
        box.bind(HERE)

        def send(what: bytes) -> None:
            with socket.socket(type=socket.SOCK_DGRAM) as sender:
                sender.sendto(what, box.getsockname())

        together(lambda: send(b"a"), lambda: send(b"b"))
        return box.recv(9)


PROVED = [name for name in CASES if name not in ("one_connects_before_another_listens", "two_send_datagrams")]


@pytest.mark.parametrize("name", PROVED)
def test_a_proof_has_every_outcome(name: str) -> None:
    program, expected = CASES[name]
    assert outcomes(program) == expected


@pytest.mark.parametrize("name", sorted(CASES.keys() - set(PROVED)))
def test_every_outcome_is_found_where_a_call_is_in_the_way_of_a_proof(name: str) -> None:
    program, expected = CASES[name]
    verdict = explore(program, strategy="dpor", schedules=200)
    assert (verdict.grade, set(verdict.outcomes)) == (Grade.SAMPLED, expected)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_trying_schedules_one_by_one_shows_nothing_more(name: str) -> None:
    program, expected = CASES[name]
    verdict = explore(program, strategy="dfs", preemptions=2, schedules=150, seconds=60)
    assert verdict.error is None, str(verdict)
    assert set(verdict.outcomes) <= expected
