"""A selector and sockets that tell a loop that asks instead of waiting; and clients that never hang."""

import contextlib
import select
import selectors
import threading

from loopback import Line, Visitor, a_door

ENOUGH = 30  # looks in a row, without a byte read or sent: more is a loop that asks


class Looks:
    """Counts looks in a row that were for nothing."""

    def __init__(self):
        self.number = 0

    def one_more(self, what):
        self.number += 1
        assert self.number < ENOUGH, f"nothing can be done, and {what} again and again: wait in select"


class Plug(Line):
    """The server's end of a connection, which counts the tries that come too early."""

    looks = None

    def recv(self, size, *flags):
        return self._tried(super().recv, "recv is tried", size, *flags)

    def send(self, data, *flags):
        return self._tried(super().send, "send is tried", data, *flags)

    def _tried(self, call, what, *args):
        assert self.gettimeout() == 0, "a connection blocks: setblocking(False), or one client holds up all"
        try:
            found = call(*args)
        except BlockingIOError:
            self.looks.one_more(what)
            raise
        self.looks.number = 0
        return found


class Lamps(selectors.DefaultSelector):
    """A selector that knows whether somebody rests in it."""

    def __init__(self, looks):
        super().__init__()
        self.looks, self.rests, self.is_over = looks, False, False
        self.changed = threading.Condition()

    def select(self, timeout=None):
        assert timeout is None, f"select was called with a time-out of {timeout!r}: it needs none"
        self.looks.one_more("select comes back")
        if not (found := super().select(0)):
            self._now(rests=True)
            found = super().select()
            self._now(rests=False)
        return found

    def _now(self, *, rests, is_over=False):
        with self.changed:
            self.rests, self.is_over = rests, is_over
            self.changed.notify_all()

    def _is_ready(self):
        poll = select.poll()
        for key in self.get_map().values():
            reads, writes = key.events & selectors.EVENT_READ, key.events & selectors.EVENT_WRITE
            poll.register(key.fd, (select.POLLIN if reads else 0) | (select.POLLOUT if writes else 0))
        return poll.poll(0)

    def settle(self):
        """Come back when the server rests with nothing to do, or has ended."""
        with self.changed:
            while not self.is_over and not (self.rests and not self._is_ready()):
                self.changed.wait(0.01)


class Switchboard:
    """A server in a thread of its own, and how it ended."""

    def __init__(self, serve, answer):
        self.door, self.looks, self.error, self.returned = a_door(), Looks(), None, "nothing"
        self.door.setblocking(False)
        self.door.accept = self._accept
        self.lamps = Lamps(self.looks)
        self.thread = threading.Thread(target=self._run, args=(serve, answer), name="server", daemon=True)

    def _accept(self):
        try:
            line, address = type(self.door).accept(self.door)
        except BlockingIOError:
            self.looks.one_more("accept is tried")
            raise
        plug = Plug(fileno=line.detach())
        plug.looks, self.looks.number = self.looks, 0
        self.door.lines[-1] = plug
        return plug, address

    def _run(self, serve, answer):
        try:
            self.returned = serve(self.door, self.lamps, answer)
        except BaseException as error:
            self.error = error
        finally:
            self.lamps._now(rests=False, is_over=True)

    def hear(self, visitor):
        """Return what there is to hear when the server has nothing more to do, and whether it has closed."""
        heard = b""
        while True:
            self.lamps.settle()
            if isinstance(self.error, (AssertionError, NotImplementedError)):
                raise self.error
            visitor.setblocking(False)
            try:
                piece = visitor.recv(1 << 20)
            except BlockingIOError:
                return heard, False
            except ConnectionError:
                piece = b""
            if not piece:
                return heard, True
            heard += piece

    def visitor(self):
        return Visitor(self.door)

    def close(self):
        for each in (self.door, *self.door.lines):
            with contextlib.suppress(OSError):
                each.shutdown(2)
        self.thread.join()
        self.lamps.close()
        for each in (self.door, *self.door.lines):
            each.close()


@contextlib.contextmanager
def switchboard(serve, answer=bytes.upper):
    """Run a server, shut its door at the end, and see what is left."""
    board = Switchboard(serve, answer)
    try:
        board.thread.start()
        yield board
        board.door.shut()
        board.thread.join()
        if board.error is not None:
            raise board.error
        _judge(board)
    finally:
        board.close()


def _judge(board):
    still = [line for line in board.door.lines if line.fileno() != -1]
    assert not still, f"serve has ended, and {len(still)} of its connections are still open: close each"
    assert board.lamps.get_map() is not None, "serve has closed the selector: it belongs to the caller"
    assert not list(board.lamps.get_map()), "serve has ended, and something is still registered: unregister it"
    assert board.door.fileno() != -1, "serve has closed the door: it belongs to the caller"
    assert board.returned is None, f"the door was shut, and serve returned {board.returned!r} instead of None"
