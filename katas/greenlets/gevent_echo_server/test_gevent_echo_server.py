"""The echo on the pass: the tests. Real sockets; who waits in vain is told after some rounds of the hub."""

import contextlib

import pytest
from cooperative import PATCHED, Visitor, a_while, hosted, seen, unpatched, until
from gevent import socket

with unpatched() as AT_IMPORT:
    from gevent_echo_server import listen, serve

CLIENTS = 110


@pytest.mark.task(1)
@pytest.mark.parametrize("times", [1, 2])
def test_a_door_is_open(times):
    assert not AT_IMPORT, PATCHED.format(AT_IMPORT[0])
    with seen(), contextlib.ExitStack() as stack:
        for _ in range(times):
            door = stack.enter_context(listen())
            assert isinstance(door, socket.socket), (
                f"a door of {type(door).__module__} stops all while it waits: gevent's"
            )
            host, port = door.getsockname()
            assert (host, port > 0) == ("127.0.0.1", True), f"listen() opened a door at {(host, port)}"
            visitor = stack.enter_context(Visitor(door))
            connection, address = stack.enter_context(door.accept()[0]), visitor.getsockname()
            assert connection.getpeername() == address, "somebody else came through the door"


@pytest.mark.task(1)
def test_the_same_port_again():
    with seen():
        with listen() as door:
            port = door.getsockname()[1]
            with Visitor(door) as ann, door.accept()[0] as connection:
                connection.close()  # who closes first has its port kept for a while
                ann.is_let_go()
        try:
            again = listen(port)
        except OSError as error:
            pytest.fail(
                f"a server has just ended, and its port cannot be opened again: {error}; SO_REUSEADDR, before bind"
            )
        with again:
            assert again.getsockname()[1] == port, f"listen({port}) opened port {again.getsockname()[1]}"


@pytest.mark.task(1)
def test_a_door_that_is_taken():
    with seen() as eyes, listen() as door:
        port = door.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            listen(port).close()
        left = len(eyes.left()) - 1
        assert not left, "port taken, listen raised, and its socket is still open: close it, also on an error"


@pytest.mark.task(2)
def test_lines_in_upper_case():
    with hosted(serve) as door, Visitor(door) as ann:
        for said in ("hello\n", "größe ☃ ß\n", "a\nb\nc\nd\ne\n", "\n", "a\x0bb\u2028c\n", " x \r\n"):
            ann.say(said)
            heard = ann.hear(said.count("\n"))
            assert heard == said.upper().encode(), (
                f"ann said {said!r} and heard {heard!r}, not {said.upper().encode()!r}"
            )


@pytest.mark.task(2)
def test_lines_come_in_pieces():
    with hosted(serve) as door, Visitor(door) as ann:
        for byte in "né\nö\n".encode():
            assert ann.hear(0) == b"", "half a line was answered"
            ann.say(bytes([byte]))
            a_while()
            if byte == 10:
                heard = ann.hear()
                assert heard in ("NÉ\n".encode(), "Ö\n".encode()), f"byte by byte, a line was said; ann heard {heard!r}"


@pytest.mark.task(2)
def test_a_long_line():
    said = "ö" * 500_000 + "\n"
    with hosted(serve) as door, Visitor(door) as ann:
        ann.say(said)
        heard = ann.hear()
        assert heard == said.upper().encode(), f"a line of {len(said)} letters, and ann heard {len(heard) // 2} of them"


@pytest.mark.task(3)
def test_all_at_once():
    with hosted(serve) as door, contextlib.ExitStack() as stack:
        visitors = [stack.enter_context(Visitor(door)) for _ in range(CLIENTS)]
        for turn in range(2):
            for number, each in enumerate(visitors):
                each.say(f"here {number} {turn}\n")
            until(lambda: all([each.has_heard() for each in visitors]))
            answered = sum(each.has_heard() for each in visitors)
            assert answered == CLIENTS, f"{CLIENTS} are there, none has gone, and only {answered} are answered"
            for number, each in enumerate(visitors):
                heard = each.hear()
                assert heard == b"HERE %d %d\n" % (number, turn), f"client {number} heard {heard!r}"


@pytest.mark.task(3)
@pytest.mark.parametrize("slow", ["says half a line", "does not listen"])
def test_nobody_waits_for_a_slow_one(slow):
    with hosted(serve) as door, Visitor(door) as ann, Visitor(door) as ben:
        ann.say("half" if slow == "says half a line" else b"x" * 2_000_000 + b"\n")
        ben.say("ben\n")
        heard = ben.hear()
        assert heard == b"BEN\n", f"ann {slow}, ben says something and hears {heard!r}"


@pytest.mark.task(4)
@pytest.mark.parametrize("said", ["", "a\n", "half", "a\nhalf"])
def test_who_says_goodbye(said):
    with hosted(serve) as door, Visitor(door) as ben:
        for _ in range(2):
            with Visitor(door) as ann:
                ann.say(said)
                ann.shutdown(socket.SHUT_WR)
                assert ann.is_let_go(), f"ann said {said!r} and ended, and her connection is still open"
                right = b"A\n" if "a\n" in said else b""
                assert ann.heard == right, f"ann said {said!r} and ended; she heard {ann.heard!r} instead of {right!r}"
        ben.say("ben\n")
        heard = ben.hear()
        assert heard == b"BEN\n", f"ann has gone, and ben heard {heard!r}"


@pytest.mark.task(4)
def test_what_is_no_text():
    with hosted(serve) as door, Visitor(door) as ben:
        with Visitor(door) as ann:
            ann.say(b"good\n\xff\xfe\nlate\n")
            assert ann.is_let_go(), (
                "ann said what is no UTF-8, and her connection is still open: close it, also on an error"
            )
            assert ann.heard == b"GOOD\n", f"ann said something good, and what is no UTF-8; she heard {ann.heard!r}"
        ben.say("ben\n")
        heard = ben.hear()
        assert heard == b"BEN\n", f"ann said what is no UTF-8, and ben heard {heard!r}"


@pytest.mark.task(4)
@pytest.mark.parametrize(
    ("said", "has_end"),
    [(b"half", False), (b"x" * 2_000_000 + b"\n", False), (b"x\n" * 3, True)],
    ids=["silent", "deaf", "done"],
)
def test_who_is_swept_away(said, has_end):
    with hosted(serve) as door, Visitor(door) as ben:
        ann = Visitor(door)
        ann.say(said)
        if has_end:
            ann.shutdown(1)  # what the server hears then is a broken pipe, not a reset
        else:
            a_while()
        ann.break_off()
        a_while()
        ben.say("ben\n")
        heard = ben.hear()
        assert heard == b"BEN\n", f"ann is gone, and ben heard {heard!r}"


@pytest.mark.task(5)
def test_the_server_is_killed():
    with contextlib.ExitStack() as stack:
        with hosted(serve) as door:
            ann, ben, cid, *_ = visitors = [stack.enter_context(Visitor(door)) for _ in range(6)]
            ann.say("half")
            ben.say("ben\n")
            cid.say(b"x" * 2_000_000 + b"\n")
            ben.hear()
        assert visitors[0].is_let_go(), "the server was killed, and ann is still connected"


@pytest.mark.task(5)
def test_another_server_goes_on():
    with hosted(serve) as door, Visitor(door) as ann:
        for said in (b"one\n", b"two\n"):
            ann.say(said)
            heard = ann.hear()
            assert heard == said.upper(), f"another server was killed, and this one answers {said!r} by {heard!r}"
            with hosted(serve) as other, Visitor(other) as ben:
                ben.say("ben\n")
                heard = ben.hear()
                assert heard == b"BEN\n", f"there are two servers, and ben, at the second one, heard {heard!r}"


@pytest.mark.task(5)
def test_nobody_comes():
    with hosted(serve):
        a_while()
