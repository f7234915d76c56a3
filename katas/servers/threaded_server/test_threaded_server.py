"""The ferry bell: the tests. Real sockets, no time-outs: who waits for ever is told after a second."""

import threading

import pytest
from loopback import Visitor, a_door, hosted, until_it_waits
from threaded_server import serve


def loud(line, address):
    return line.upper()


@pytest.mark.task(1)
@pytest.mark.parametrize("piece", [1, 2, 1 << 20], ids=["byte_by_byte", "two_bytes", "whole"])
@pytest.mark.means(
    DeadlockFound="a whole line was sent, and no answer comes: recv gives pieces, not messages; an empty line is one"
)
def test_lines_come_in_pieces(piece):
    with hosted(serve, loud, door=a_door(piece)) as door, Visitor(door) as ann:
        for said in ("hello\n", "größe ☃\n", "a\nb\n", "\n", " x \r\n", "Quit\n", " quit\n"):
            ann.say(said)
            heard = ann.hear(said.count("\n"))
            assert heard == said.upper().encode(), f"ann said {said!r}, {piece} bytes came at once, she heard {heard!r}"


@pytest.mark.task(1)
def test_a_long_line():
    said = "ö" * 60_001 + "\n"
    with hosted(serve, loud, door=a_door(4095)) as door, Visitor(door) as ann:
        ann.say(said)
        heard = ann.hear()
        assert heard == said.upper().encode(), f"a line of 120,003 bytes was answered with {len(heard)} bytes"


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="ann is there and silent, and the next client is not served: nobody joins in the loop")
def test_nobody_waits_for_a_silent_one():
    with hosted(serve, loud) as door, Visitor(door) as ann:
        ann.say("half a li")
        with Visitor(door) as ben, Visitor(door) as cid:
            for each in (ben, cid, ben):
                each.say("row\n")
                heard = each.hear()
                assert heard == b"ROW\n", f"ann is silent, another says 'row', and hears {heard!r}"
        ann.say("ne\n")
        heard = ann.hear()
        assert heard == b"HALF A LINE\n", f"ann said a line in two halves, and heard {heard!r}"


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="three lines must be answered at the same time, and one keeps the others from it")
def test_answers_at_the_same_time():
    meeting = threading.Barrier(3)

    def answer(line, address):
        return f"{line}{meeting.wait() * 0}"

    with hosted(serve, answer) as door, Visitor(door) as ann, Visitor(door) as ben, Visitor(door) as cid:
        for each in (ann, ben, cid):
            each.say("x\n")
        heard = [each.hear() for each in (ann, ben, cid)]
        assert heard == [b"x0\n"] * 3, f"three answers met, and the clients heard {heard}"


@pytest.mark.task(2)
def test_to_each_his_own_address():
    asked = []

    def answer(line, address):
        asked.append((line, address))
        return ""

    with hosted(serve, answer) as door, Visitor(door) as ann, Visitor(door) as ben:
        right = []
        for name, each in (("ann", ann), ("ben", ben), ("ann", ann), ("ben", ben)):
            each.say(f"{name}\n")
            each.hear()
            right.append((name, each.getsockname()))
        assert asked == right, f"answer got {asked} instead of {right}: the address is the latest client's"


@pytest.mark.task(3)
@pytest.mark.parametrize(
    ("said", "has_end", "right"),
    [
        ("a\nquit\nlate\n", False, b"A\n"),
        ("quit\n", False, b""),
        ("a\nb\n", True, b"A\nB\n"),
        ("a\nb", True, b"A\n"),
        (b"a\n\xc3", True, b"A\n"),
        ("a\nquit", True, b"A\n"),
        ("", True, b""),
    ],
    ids=["quit_and_more", "quit", "end", "rest", "half_a_letter", "quit_no_end", "nothing"],
)
@pytest.mark.means(DeadlockFound="the conversation is over, and the connection is still open: close it")
def test_who_says_goodbye(said, has_end, right):
    with hosted(serve, loud) as door, Visitor(door) as ann:
        ann.say(said)
        if has_end:
            ann.shutdown(1)
        heard = ann.hear_all()
        what = f"ann said {said!r}{' and stopped sending' if has_end else ''}"
        assert heard == right, f"{what}, and heard {heard!r} instead of {right!r}"


@pytest.mark.task(3)
def test_who_is_swept_away():
    inside, go_on, over = threading.Semaphore(0), threading.Event(), threading.Semaphore(0)

    def answer(line, address):
        if line == "ann":
            inside.release()
            go_on.wait()
            over.release()
        return "x" * 1_000_000

    with hosted(serve, answer) as door, Visitor(door) as ben:
        for is_answered, has_end in ((True, False), (True, True), (False, False)):
            ann = Visitor(door)
            ann.say("ann\nann\nhalf" if is_answered else "half")
            if is_answered:
                inside.acquire()
            if has_end:
                ann.shutdown(1)  # what the server hears then is a broken pipe, not a reset
            ann.break_off()
        go_on.set()
        for _ in range(2):
            over.acquire()
        ben.say("ben\n")
        heard = ben.hear()
        assert len(heard) == 1_000_001, f"ann is gone, and ben heard {heard[:20]!r}"


class Storm(BaseException):
    """No Exception, and in nobody's list."""


ERRORS = [ValueError, ConnectionResetError, KeyboardInterrupt, SystemExit, Storm]


@pytest.mark.task(4)
@pytest.mark.parametrize("wrong", [*ERRORS, b"\xff\xfe"], ids=lambda wrong: getattr(wrong, "__name__", "no_text"))
@pytest.mark.means(DeadlockFound="one client has met an error, and somebody now waits for ever: close his connection")
def test_an_error_ends_one_conversation(wrong):
    def answer(line, address):
        if line == "bad":
            raise wrong("part of the test")
        return line.upper()

    what = "her line was no UTF-8" if isinstance(wrong, bytes) else f"answer raised {wrong.__name__}"
    with hosted(serve, answer) as door, Visitor(door) as ben:
        with Visitor(door) as ann:
            ann.say(b"good\n" + (wrong if isinstance(wrong, bytes) else b"bad") + b"\nlate\n")
            heard = ann.hear_all()
            assert heard == b"GOOD\nerror\n", f"ann said something good, then {what}; she heard {heard!r}"
        with Visitor(door) as cid:
            for each in (ben, cid):
                each.say("row\n")
                heard = each.hear()
                assert heard == b"ROW\n", f"{what} with ann, and another heard {heard!r}: the server goes on"


@pytest.mark.task(5)
@pytest.mark.means(DeadlockFound="the door is shut, and serve does not come back: it waits for no client")
def test_the_door_is_shut():
    calls = []

    def answer(line, address):
        calls.append(line)
        return "x" * 30_000_000 if line == "much" else line

    with Visitor(door := a_door()) as ann, Visitor(door) as ben, Visitor(door) as cid:
        with hosted(serve, answer, door=door):
            for each in (ann, ben, cid):
                each.say("row\n")
                each.hear()
            ann.say("half a li")
            cid.say("much\n")
            cid.recv(1)
        for name, each in (("ann", ann), ("ben", ben)):
            heard = each.hear_all()
            assert heard == b"", f"the door is shut, and {name} heard {heard!r}"
        assert calls == ["row", "row", "row", "much"], f"lines {calls} were answered: half a line is none"


@pytest.mark.task(5)
def test_an_answer_is_waited_for():
    inside, ended, go_on = threading.Event(), [], threading.Event()

    def answer(line, address):
        inside.set()
        go_on.wait()
        ended.append(line)
        return line

    with hosted(serve, answer) as door, Visitor(door) as ann:
        ann.say("ann\n")
        inside.wait()
        door.shut()
        until_it_waits()
        was_ended = not any(thread.name == "server" for thread in threading.enumerate())
        go_on.set()
        assert not was_ended, "serve came back while an answer was going on: wait for the threads"
    assert ended == ["ann"], f"ended were the answers {ended}"


@pytest.mark.task(5)
def test_nobody_comes():
    with hosted(serve, loud):
        pass
    with hosted(serve, loud) as door:
        with Visitor(door) as ann:
            ann.say("quit\n")
            ann.hear_all()
