"""What forked processes write down of their waits belongs to them, and not to whoever gets their number next."""

import os
import threading
import warnings

import pytest

from pytest_concurrency._machine import cpu
from pytest_concurrency._runtimes.processes.hangs.notes import Note, Notes
from pytest_concurrency._runtimes.processes.hangs.slots import Slots


@pytest.fixture
def notes() -> Notes:
    shared = Notes(Slots())
    shared.share()
    return shared


def note_of_a_child(notes: Notes) -> tuple[int, Note | None]:
    """Return the number of a child that lives and what it has noted, and let it end."""
    told, tell = os.pipe()
    asked, ask = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # a runner of tests may have threads of its own
        pid = os.fork()
    if pid == 0:
        notes.serves()
        os.write(tell, b"x")
        os.read(asked, 1)
        os._exit(0)
    try:
        os.read(told, 1)
        return pid, notes.of(pid, pid)
    finally:
        os.write(ask, b"x")
        os.waitpid(pid, 0)
        for handle in (told, tell, asked, ask):
            os.close(handle)


def test_a_child_that_lives_is_read(notes: Notes) -> None:
    _, note = note_of_a_child(notes)
    assert note is not None
    assert note.is_idle


def test_a_child_that_has_ended_is_not(notes: Notes) -> None:
    pid, _ = note_of_a_child(notes)
    assert notes.of(pid, pid) is None


def test_another_process_with_the_number_of_one_that_has_ended_has_noted_nothing(
    notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cpu.stat

    def given_again(which: str) -> list[str]:
        here = threading.get_native_id()
        return before(which) or before(f"{os.getpid()}/task/{here}")

    pid, _ = note_of_a_child(notes)
    monkeypatch.setattr(cpu, "stat", given_again)
    assert notes.of(pid, pid) is None
