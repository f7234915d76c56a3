"""The hotel switchboard: the tests. Real sockets; a client listens when the server rests, and so nobody hangs."""

import threading

import pytest
from select_readiness import serve
from switchboard import _judge, switchboard

MANY = 8_000_000  # more than a system keeps for who does not read; a buffer that each `send` cuts anew is quick enough


class Storm(BaseException):
    """No Exception, and in nobody's list."""


def ask(board, visitor, said, right, what):
    visitor.setblocking(True)
    visitor.say(said)
    heard, _ = board.hear(visitor)
    died = f", and the server died of {board.error!r}" if board.error else ""
    assert heard == right, f"{what}, said {said!r}, and heard {heard!r}{died}"


@pytest.mark.task(1)
def test_each_is_answered():
    with switchboard(serve) as board, board.visitor() as ann, board.visitor() as ben:
        for said in (b"hello\n", b"\n", b" x \r\n", b"\xff\x00\n", b"quit\n"):
            ask(board, ann, said, said.upper(), "ann came first")
            ask(board, ben, said, said.upper(), "ben came while ann is there")


@pytest.mark.task(1)
def test_in_one_thread():
    threads = set()

    def answer(line):
        threads.add(threading.current_thread().name)
        return line

    with switchboard(serve, answer) as board, board.visitor() as ann, board.visitor() as ben:
        ask(board, ann, b"a\n", b"a\n", "ann came")
        ask(board, ben, b"b\n", b"b\n", "ben came")
    assert threads == {"server"}, f"answers were made in {threads}: all in the thread that calls serve"


@pytest.mark.task(2)
def test_pieces_are_kept_apart():
    with switchboard(serve) as board, board.visitor() as ann, board.visitor() as ben:
        for letter in (b"a", b"b"):
            ask(board, ann, letter, b"", "ann says a line letter by letter")
            ask(board, ben, b"x", b"", "ben says a line letter by letter")
        ask(board, ann, b"c\n", b"ABC\n", "ann said a and b before")
        ask(board, ben, b"\nd\ne", b"XX\nD\n", "ben said x and x before")


@pytest.mark.task(3)
def test_a_late_reader():
    with switchboard(serve, lambda line: line * MANY if line < b"c" else line) as board:
        with board.visitor() as ann, board.visitor() as ben:
            ann.say(b"a\nb\nc\n")
            board.lamps.settle()
            ask(board, ben, b"x\n", b"x\n", "ben came while ann does not read")
            heard, _ = board.hear(ann)
            right = b"a" * MANY + b"\n" + b"b" * MANY + b"\nc\n"
            assert len(heard) == len(right), f"ann read late, and heard {len(heard):,} bytes of {len(right):,}"
            assert heard == right, "ann read late, and heard other bytes than were to be sent, or in another order"
            ask(board, ann, b"y\n", b"y\n", "ann has read everything")


@pytest.mark.task(4)
def test_it_rests():
    with switchboard(serve) as board:
        board.lamps.settle()
        with board.visitor() as ann, board.visitor():
            for _ in range(3):
                ask(board, ann, b"half", b"", "ann is slow")
                ask(board, ann, b"\n", b"HALF\n", "ann is slow")


@pytest.mark.task(5)
@pytest.mark.parametrize(
    ("said", "right"), [(b"a\nb\n", b"A\nB\n"), (b"a\nb", b"A\n"), (b"", b"")], ids=["end", "rest", "nothing"]
)
def test_who_stops_sending(said, right):
    with switchboard(serve) as board, board.visitor() as ann, board.visitor() as ben:
        ann.say(said)
        ann.shutdown(1)
        heard, is_closed = board.hear(ann)
        assert heard == right, f"ann said {said!r}, stopped sending, and heard {heard!r} instead of {right!r}"
        assert is_closed, f"ann said {said!r}, stopped sending, and her connection is still open: close it"
        ask(board, ben, b"x\n", b"X\n", "ben came, ann has gone")


@pytest.mark.task(5)
def test_who_stops_sending_and_reads_late():
    with switchboard(serve, lambda line: line * MANY) as board, board.visitor() as ann:
        ann.say(b"a\n")
        ann.shutdown(1)
        heard, is_closed = board.hear(ann)
        assert len(heard) == MANY + 1, f"ann stopped sending, read late, and heard {len(heard):,} bytes of {MANY + 1:,}"
        assert is_closed, "ann stopped sending, has read everything, and her connection is still open: close it"


@pytest.mark.task(5)
@pytest.mark.parametrize(
    ("said", "has_end"),
    [(b"half", False), (b"a\n", False), (b"a\n", True), (b"", False)],
    ids=["half", "deaf", "deaf_end", "silent"],
)
def test_who_is_swept_away(said, has_end):
    with switchboard(serve, lambda line: line * MANY) as board, board.visitor() as ben:
        ann = board.visitor()
        ann.say(said)
        if has_end:
            ann.shutdown(1)  # what the server hears then is a broken pipe, not a reset
        board.lamps.settle()
        ann.break_off()
        ask(board, ben, b"\n", b"\n", f"ann said {said!r} and was gone; ben came")
        still = [line for line in board.door.lines if line.fileno() != -1]
        assert len(still) == 1, f"ann was gone, ben is there, and {len(still)} connections are open"


@pytest.mark.task(5)
@pytest.mark.parametrize("kind", [ValueError, BlockingIOError, ConnectionResetError, KeyboardInterrupt, Storm])
def test_an_error_comes_out(kind):
    error = kind("part of the test")

    def answer(line):
        raise error

    with switchboard(serve, answer) as board, board.visitor() as ann, board.visitor():
        ann.say(b"x\n")
        _, is_closed = board.hear(ann)
        assert board.error is error, f"answer raised {error!r}, and out came {board.error!r}"
        board.error, board.returned = None, None
        assert is_closed, "answer raised, serve has ended, and ann's connection is open: close all"
        _judge(board)


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound="the door is shut, ann does not read, serve waits for her: what is not sent is lost")
def test_the_door_is_shut():
    with switchboard(serve):
        pass
    with switchboard(serve, lambda line: line * MANY) as board, board.visitor() as ann, board.visitor() as ben:
        ann.say(b"a\n")
        ben.say(b"half")
        board.lamps.settle()
        board.door.shut()
        board.thread.join()  # while both are there
