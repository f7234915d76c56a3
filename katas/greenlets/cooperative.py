"""Loopback for the tests of gevent: who waits in vain is told by rounds of the hub in which nothing comes, no clock."""

import contextlib
import signal
import socket
import threading

import gevent
import pytest
from gevent import monkey
from gevent import socket as gsocket

HOST = "127.0.0.1"
ROUNDS = 160  # of the hub: loopback is never late, and one or two do
ENOUGH = 20  # reads of an ended connection in a row: more is a loop that spins
PATCHED = "{} was called: these functions are used in a program that must not be patched; gevent has sockets of its own"
RESET = b"\x01\x00\x00\x00\x00\x00\x00\x00"


class Stuck(SystemError):
    """What ends a test that stands still for a minute; the hub hands such an error to the main greenlet."""


@contextlib.contextmanager
def unpatched():
    """Let `monkey.patch_…()` do nothing but be noted, and let nothing stand still for ever; yield the notes."""
    noted = []

    def cry(number, frame):
        raise Stuck("for a minute nothing has moved: a call that does not know gevent waits, and nobody else can run")

    with pytest.MonkeyPatch.context() as patch:
        for name in dir(monkey):
            if name.startswith("patch_"):
                patch.setattr(monkey, name, lambda *args, _name=name, **kwargs: noted.append(_name))
        usual = signal.signal(signal.SIGALRM, cry)
        rest = signal.alarm(60)  # of somebody around this
        try:
            yield noted
        finally:
            signal.alarm(rest)
            signal.signal(signal.SIGALRM, usual)


def until(condition):
    """Let the others run until it holds; return whether it does."""
    for number in range(ROUNDS):
        if condition():
            return True
        gevent.sleep(0.001 if number < ROUNDS // 4 else 0.003)  # sleep(0) may come back before sockets were looked at
    return condition()


def a_while():
    """Let the others do what they can do now."""
    for _ in range(8):
        gevent.sleep(0.001)


class Seen:
    """Sees the sockets that a solution makes, keeps each from being closed by chance, and notes what gevent prints."""

    def __init__(self, patch, patched):
        self.sockets, self.printed, self.spins, self.patched = [], [], [], patched
        self.piece, self.peak = 1 << 20, 0  # bytes that one recv gives; the most that were open at once
        plain, ends = gsocket.socket, {}

        def made(sock, *args, _init=plain.__init__, **kwargs):
            _init(sock, *args, **kwargs)
            if threading.current_thread() is threading.main_thread():
                self.sockets.append(sock)
                self.peak = max(self.peak, len(self.left()))

        def reading(name):
            read = getattr(plain, name)

            def watched(sock, *args):
                if all(each is not sock for each in self.sockets):
                    return read(sock, *args)
                found = self.some(read, sock, *args)
                ends[id(sock)] = 0 if found else ends.get(id(sock), 0) + 1
                if ends[id(sock)] >= ENOUGH:
                    self.spins.append(f"the other side has gone, and {ENOUGH} reads have said so: leave the loop")
                    raise AssertionError(self.spins[0])
                return found

            return watched

        patch.setattr(plain, "__init__", made)
        for name in ("recv", "recv_into"):
            patch.setattr(plain, name, reading(name))
        patch.setattr(
            gevent.get_hub(), "print_exception", lambda context, kind, *rest: self.printed.append(kind.__name__)
        )

    def some(self, read, sock, into, *args):
        """Read at most a piece, into a buffer or not."""
        if isinstance(into, int):
            return read(sock, min(into, self.piece), *args)
        size = args[0] if args and args[0] else len(into)
        return read(sock, into, min(size, self.piece), *args[1:])

    def left(self):
        return [sock for sock in self.sockets if sock.fileno() != -1]

    def judge(self):
        assert not self.patched, PATCHED.format(self.patched[0])
        assert not self.spins, self.spins[0]
        assert not self.printed, f"gevent prints a {self.printed[0]} that a greenlet has died of: catch it there"


@contextlib.contextmanager
def seen():
    """Yield a Seen; close what it has seen at the end."""
    with unpatched() as patched, pytest.MonkeyPatch.context() as patch:
        eyes = Seen(patch, patched)
        try:
            yield eyes
        finally:
            for each in eyes.left():
                each.close()


@contextlib.contextmanager
def hosted(serve):
    """Run `serve(door)` in a greenlet; kill it at the end, and see that no connection is left."""
    with seen() as eyes, gsocket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 17)  # so 2 MB are more than a deaf client takes
        door.bind((HOST, 0))
        door.listen(200)
        server = gevent.Greenlet(serve, door)
        server.start()
        a_while()
        if isinstance(server.exception, NotImplementedError):
            raise server.exception
        try:
            yield door
            eyes.judge()
            assert not server.dead, (
                f"serve has come back, or died of {server.exception!r}: it goes on until it is killed"
            )
            server.kill(block=False)
            assert until(lambda: server.dead), "serve was killed, and does not end: let GreenletExit out"
            left = [sock for sock in eyes.left() if sock is not door]
            assert not left, f"serve was killed, and {len(left)} of its connections are still open: close each"
            eyes.judge()
        except AssertionError:
            eyes.judge()
            raise
        finally:
            server.kill(block=False)
            gevent.sleep(0)


class Visitor(socket.socket):
    """A client that never blocks: says bytes or text, hears lines."""

    def __init__(self, door):
        super().__init__()
        self.connect(door.getsockname())
        self.setblocking(False)
        self.heard, self.is_over = b"", False

    def say(self, data):
        """Send it, as far as the other side takes it."""
        rest = data.encode() if isinstance(data, str) else data

        def is_sent():
            nonlocal rest
            with contextlib.suppress(BlockingIOError, ConnectionError):
                while rest:
                    rest = rest[self.send(rest) :]
            return not rest

        until(is_sent)

    def has_heard(self, lines=1):
        with contextlib.suppress(BlockingIOError):
            while not self.is_over:
                try:
                    piece = self.recv(1 << 20)
                except ConnectionError:
                    piece = b""
                self.heard += piece
                self.is_over = not piece
        return self.heard.count(b"\n") >= lines

    def hear(self, lines=1):
        """Return what has come when it is so many lines, or no more comes."""
        until(lambda: self.has_heard(lines) or self.is_over)
        found, self.heard = self.heard, b""
        return found

    def is_let_go(self):
        """Return whether the other side has closed the connection."""
        return until(lambda: self.has_heard(0) and self.is_over)

    def break_off(self):
        """Be gone, as if the cable were cut: the other side gets a reset."""
        self.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.close()
