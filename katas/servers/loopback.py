"""Real sockets on this machine for the tests: a door, its connections, and visitors. Nobody has a time-out."""

import contextlib
import socket
import sys
import threading
import time

HOST = "127.0.0.1"
ENOUGH = 20  # reads of an ended connection in a row: more is a loop that spins
STILL = 500  # looks, 1 ms apart, at which a thread stands where it stood
AT_ONCE = 65_536  # so many bytes are taken by one call of `send`
RESET = b"\x01\x00\x00\x00\x00\x00\x00\x00"


def is_ended(error):
    """Return whether this ends a thread because all wait for ever: that is told elsewhere."""
    return type(error).__module__.startswith("pytest_concurrency") and not isinstance(error, AssertionError)


def at_once(sock):
    """Have small pieces sent off although earlier ones are not acknowledged: loopback is then never late."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Line(socket.socket):
    """The server's end of a connection: gives at most `piece` bytes at once, and counts reads of the end.

    On Linux `send` sends all of it, however long that takes, and elsewhere what there is room for: here it does that.

    A thread that is ended because all wait for ever neither closes it nor sends anything: that would wake the others.
    """

    piece = 1 << 20
    ends = 0
    is_hung = False

    def recv(self, size, *flags):
        return self._seen(super().recv(min(size, self.piece), *flags))

    def recv_into(self, buffer, nbytes=0, *flags):
        size = min(nbytes or len(buffer), self.piece)
        return self._seen(super().recv_into(buffer, size, *flags))

    def send(self, data, *flags):
        return len(data) if self._is_ended() else super().send(bytes(memoryview(data)[:AT_ONCE]), *flags)

    def sendall(self, data, *flags):
        if not self._is_ended():
            super().sendall(data, *flags)

    def close(self):
        if not self._is_ended():
            super().close()

    def _is_ended(self):
        self.is_hung = self.is_hung or is_ended(sys.exc_info()[1])
        return self.is_hung

    def _seen(self, found):
        self.ends = 0 if found else self.ends + 1
        assert self.ends < ENOUGH, f"the client has gone, and {ENOUGH} reads have said so: leave the loop"
        return found


class Door(socket.socket):
    """A listening socket that keeps what it has accepted, so that nothing is closed by chance."""

    def __init__(self, piece=1 << 20, **kwargs):
        super().__init__(**kwargs)
        self.piece, self.lines = piece, []

    def accept(self):
        accepted, address = super().accept()
        line = Line(fileno=accepted.detach())
        line.piece = self.piece
        at_once(line)
        self.lines.append(line)
        return line, address

    def shut(self):
        """Let nobody in any more: who waits in accept gets an OSError."""
        with contextlib.suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)


def a_door(piece=1 << 20):
    door = Door(piece)
    door.bind((HOST, 0))
    door.listen()
    return door


@contextlib.contextmanager
def hosted(serve, *arguments, door=None):
    """Run `serve(door, …)` in a thread; shut the door at the end, and see that nothing is left."""
    errors, deaths, hung, before = [], [], [], set(threading.enumerate())
    door = door or a_door()

    def host():
        try:
            serve(door, *arguments)
        except BaseException as error:
            if is_ended(error):
                hung.append(error)
                return
            errors.append(error)
            for each in (door, *door.lines):
                each.close()

    usual, threading.excepthook = threading.excepthook, lambda args: deaths.append(args.exc_value)
    server = threading.Thread(target=host, name="server", daemon=True)
    try:
        server.start()
        yield door
        door.shut()
        server.join()
        # Its threads may be ended before it: then it comes back, as those that it waits for are gone.
        is_hung = bool(hung) or any(line.is_hung for line in door.lines)
        assert not is_hung, "the door is shut, and serve does not come back: it waits for ever"
        left = [thread.name for thread in set(threading.enumerate()) - before]
        still = [line for line in door.lines if line.fileno() != -1]
        _judge(errors + deaths)
        assert not left, f"serve has come back, and {len(left)} of its threads still run: wait for them"
        assert not still, f"serve has come back, and {len(still)} of its connections are still open: close each"
        assert door.fileno() != -1, "serve has closed the door: it belongs to the caller"
    except Exception:
        _judge(errors + [error for error in deaths if isinstance(error, AssertionError)])
        raise
    finally:
        threading.excepthook = usual
        for each in (door, *door.lines):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        server.join()
        for each in (door, *door.lines):
            socket.socket.close(each)


def until_it_waits(name="server"):
    """Come back when this thread waits in threading (for another thread, say), stands still, or has ended."""
    stood, looks = None, 0
    while thread := next((thread for thread in threading.enumerate() if thread.name == name), None):
        frame = sys._current_frames().get(thread.ident)
        while frame is not None and frame.f_globals["__name__"].startswith("pytest_concurrency"):
            frame = frame.f_back  # the plugin looks after who waits in a call, in frames of its own
        if frame is not None and frame.f_code.co_filename == threading.__file__ and not _starts(frame):
            return
        where = frame and (id(frame), frame.f_lasti)
        stood, looks = where, looks + 1 if where == stood else 0
        if looks == STILL:  # in a lock, which is code in C
            return
        time.sleep(0.001)


def _starts(frame):
    """Return whether a thread is about to start another one: then it waits for a moment only."""
    while frame is not None and frame.f_code is not threading.Thread.run.__code__:
        if frame.f_code.co_filename == threading.__file__ and frame.f_code.co_name == "start":
            return True
        frame = frame.f_back
    return False


def _judge(errors):
    errors = [error for error in errors if not is_ended(error)]
    for error in errors:
        if isinstance(error, (AssertionError, NotImplementedError)):
            raise error
    assert not errors, f"the server, or a thread of it, died of {errors[0]!r}: whoever talks, it goes on"


class Visitor(socket.socket):
    """A client: says bytes or text, hears lines."""

    def __init__(self, door):
        super().__init__()
        try:
            self.connect(door.getsockname())
        except ConnectionRefusedError:
            raise AssertionError("nobody is let in any more: the server goes on until its door is shut") from None
        at_once(self)
        self.heard = b""

    def say(self, data):
        with contextlib.suppress(ConnectionError):
            self.sendall(data.encode() if isinstance(data, str) else data)

    def hear(self, lines=1):
        """Return so many lines, or what has come before the end."""
        while self.heard.count(b"\n") < lines and (piece := self._piece()):
            self.heard += piece
        parts = self.heard.split(b"\n")
        self.heard = b"\n".join(parts[lines:])
        return b"\n".join([*parts[:lines], b""]) if len(parts) > lines else parts[0]

    def hear_all(self):
        """Return what comes until the connection is closed."""
        while piece := self._piece():
            self.heard += piece
        return self.heard

    def _piece(self):
        try:
            return self.recv(1 << 20)
        except ConnectionError:
            return b""

    def break_off(self):
        """Be gone, as if the cable were cut: the other side gets a reset."""
        self.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.close()
