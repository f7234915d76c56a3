"""The lighthouse keeper: the tests. Real sockets, no time-outs: who waits for ever is told after a second."""

import contextlib
import errno
import os
import socket
import struct

import pytest
from loopback import Visitor, a_door, hosted
from serial_server import open_door, serve


@contextlib.contextmanager
def opened(port=0):
    """Open a door, and close it; an error is told in the learner's words."""
    try:
        door = open_door(port)
    except OSError as error:
        raise AssertionError(f"open_door({port and 'PORT'}) gave {error!r}") from error
    assert door is not None, "open_door gave None instead of a socket"
    with door:
        yield door


def room(door):
    """Return how many clients may wait at a door beside one more: what listen was called with."""
    if not hasattr(socket, "TCP_INFO"):
        return 4
    return struct.unpack_from("I", door.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32), 28)[0]


class Storm(BaseException):
    """No Exception, and in nobody's list."""


def loud(line):
    return line.upper()


@pytest.mark.task(1)
def test_the_door_is_open():
    with opened() as one, opened() as two, contextlib.ExitStack() as stack:
        host, port = one.getsockname()
        assert host == "127.0.0.1", f"the door stands at {host!r}"
        assert port != two.getsockname()[1], "two doors have the same port"
        for _ in range(5):
            visitor = stack.enter_context(Visitor(one))
            assert visitor.getpeername() == (host, port), "a client came somewhere else"
            assert room(one) >= 4, (
                f"{room(one) + 1} clients find room at the door, not 5: the next one hangs; listen(5)"
            )
        for _ in range(5):
            one.setblocking(False)  # so that nobody hangs who has got a backlog of less
            try:
                one.accept()[0].close()
            except BlockingIOError:
                raise AssertionError("5 clients stand at the door, and not all of them wait: listen(5)") from None


@pytest.mark.task(1)
def test_the_port_is_taken_again():
    with opened() as door:
        port = door.getsockname()[1]
        with Visitor(door) as ann:
            door.accept()[0].close()  # the server closes first: its side is kept for a while
            ann.hear_all()
    with opened(port) as again:
        assert again.getsockname()[1] == port, f"port {port} was asked for, the door stands at {again.getsockname()}"


@pytest.mark.task(1)
def test_a_port_that_is_taken():
    with opened() as door:
        before = len(os.listdir("/dev/fd"))
        port = door.getsockname()[1]
        try:
            open_door(port).close()
        except OSError as error:
            assert error.errno == errno.EADDRINUSE, f"somebody listens there, and out came {error!r}"
            more = len(os.listdir("/dev/fd")) - before
            assert more == 0, f"somebody listens there, and {more} sockets stay open: close it"
        else:
            raise AssertionError("somebody listens there, and a second door was opened: not SO_REUSEPORT")


@pytest.mark.task(2)
@pytest.mark.parametrize("piece", [1, 1 << 20], ids=["byte_by_byte", "whole"])
@pytest.mark.means(
    DeadlockFound="a whole line was sent, and no answer comes: recv gives pieces, not messages; an empty line is one"
)
def test_lines_come_in_pieces(piece):
    with hosted(serve, loud, door=a_door(piece)) as door, Visitor(door) as ann:
        for said in (b"hello\n", b"a\nb\n", b"\n", b" x \r\n", b"\xff\x00\n", b"quit\n"):
            ann.say(said)
            heard = ann.hear(said.count(b"\n"))
            assert heard == said.upper(), f"ann said {said!r}, {piece} bytes came at once, she heard {heard!r}"


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="ann waits for the rest of a long answer: send sends a part, sendall sends all")
def test_a_long_answer():
    with hosted(serve, lambda line: line * 20_000_000) as door, Visitor(door) as ann:
        ann.say(b"x\n")
        heard = ann.hear()
        assert len(heard) == 20_000_001, f"an answer had 20,000,001 bytes, and ann heard {len(heard)}"


@pytest.mark.task(3)
@pytest.mark.parametrize(("said", "right"), [("a\nb\n", b"A\nB\n"), ("a\nb", b"A\n"), ("", b"")])
@pytest.mark.means(DeadlockFound="ann has stopped sending, and her connection is still open: close it")
def test_who_stops_sending(said, right):
    with hosted(serve, loud) as door:
        for _ in range(2):
            with Visitor(door) as ann:
                ann.say(said)
                ann.shutdown(1)
                heard = ann.hear_all()
                assert heard == right, f"ann said {said!r}, stopped sending, and heard {heard!r} instead of {right!r}"


@pytest.mark.task(3)
@pytest.mark.parametrize(
    ("said", "has_end"),
    [("x\nx\nx\n", False), ("x\nx\nx\n", True), ("half", False), ("", False)],
    ids=["lines", "lines_end", "half", "nothing"],
)
@pytest.mark.means(
    DeadlockFound="ann has gone, and ben, who came next, is not served: what recv or sendall raises ends her talk alone"
)
def test_who_is_swept_away(said, has_end):
    with hosted(serve, lambda line: line * 2_000_000) as door:
        ann = Visitor(door)
        ann.say(said)
        if has_end:
            ann.shutdown(1)  # what the server hears then is a broken pipe, not a reset
        ann.break_off()
        with Visitor(door) as ben:
            ben.say("b\n")
            heard = ben.hear()
            assert len(heard) == 2_000_001, f"ann said {said!r} and was gone, and ben heard {heard[:20]!r}"


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="the next client is not served when the first has gone: close, and accept again")
def test_the_second_waits():
    asked = []

    def answer(line):
        asked.append(line)
        return line

    with hosted(serve, answer) as door, Visitor(door) as ann, Visitor(door) as ben, Visitor(door) as cid:
        for number, each in enumerate((cid, ben, ann)):
            each.say(f"{number}\n")
        for number, each in ((2, ann), (1, ben), (0, cid)):
            for more in ("", "a", "b"):
                if more:
                    each.say(f"{number}{more}\n")
                heard = each.hear()
                assert heard == f"{number}{more}\n".encode(), f"client {number} heard {heard!r}"
            each.close()
    right = [f"{number}{more}".encode() for number in (2, 1, 0) for more in ("", "a", "b")]
    assert asked == right, f"they came in the order 2, 1, 0, and were answered {asked}: one after the other"


@pytest.mark.task(5)
@pytest.mark.parametrize("kind", [ValueError, ConnectionResetError, KeyboardInterrupt, Storm])
@pytest.mark.means(DeadlockFound="answer raised, and somebody waits for ever: let it out, and close the connection")
def test_an_error_comes_out(kind):
    error, found = kind("part of the test"), []

    def answer(line):
        if line == b"x":
            raise error
        return line.upper()

    def host(door):
        try:
            serve(door, answer)
        except NotImplementedError:
            raise
        except BaseException as raised:
            found.append(raised)
        found.append(door.fileno() != -1)

    with hosted(host) as door, Visitor(door) as ann:
        ann.say("a\nx\n")
        heard = ann.hear_all()
        assert heard == b"A\n", (
            f"answer raised {kind.__name__} for the second line, and ann heard {heard!r} instead of b'A\\n': answer a "
            "line before you look at the next"
        )
    assert found == [error, True], f"answer raised {error!r}; out came, and the door is open: {found}"


@pytest.mark.task(5)
def test_nobody_comes():
    found = []

    def host(door):
        found.append(serve(door, loud))
        found.append(door.fileno() != -1)

    with hosted(host):
        pass
    assert found == [None, True], f"the door was shut; out came, and it is not closed: {found} instead of [None, True]"
