"""A server in another thread, with a hub of its own: whoever asks with calls that block is answered, and told, too."""

import contextlib
import socket
import sys
import threading

import gevent
from gevent.pool import Pool
from gevent.server import StreamServer

HOST = "127.0.0.1"
PATIENCE = 120  # looks, 5 ms apart, at which nobody has come and the asking thread stands where it stood
AT_MOST = 1500  # looks, for a thread that never stands still
RESET = b"\x01\x00\x00\x00\x00\x00\x00\x00"


class FarSide:
    """Answers one question for each connection.

    `answer(question)` returns bytes, or a pair of bytes and "end" or "reset": the server hangs up behind them, or
    breaks off. `may_go(site, number)` returns "" if the question may be answered, why not if it may not yet, None if
    it never shall.
    """

    def __init__(self, answer, may_go=lambda site, number: "", end=b"\n"):
        self.answer, self.may_go, self.end = answer, may_go, end
        self.asked, self.waiting, self.gone, self.answered, self.complaints = [], [], set(), [], []
        self.is_over = False

    def _talk(self, connection, address):
        said = b""
        with contextlib.suppress(ConnectionError):
            while not said.endswith(self.end):
                if not (piece := connection.recv(4096)):
                    return
                said += piece
            number = len(self.asked)
            self.asked.append(said.removesuffix(self.end))
            self.waiting.append(number)
            self._stand(lambda: self.may_go(self, number))
            self._send(connection, self.answer(self.asked[number]), number)

    def _send(self, connection, answer, number):
        data, ending = answer if isinstance(answer, tuple) else (answer, "")
        self.answered.append(number)
        connection.sendall(data)
        if ending == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        elif not ending:
            self._stand(
                lambda: "" if _has_left(connection) else "the answer is whole, and somebody still waits for more"
            )

    def _stand(self, why_not):
        """Come back when nothing is against it; complain when nothing moves any more."""
        quiet, last = 0, None
        for _ in range(AT_MOST):
            why = why_not()
            if why == "" or self.is_over or self.complaints:
                return
            now = (len(self.asked), len(self.answered), _place())
            quiet, last = quiet + 1 if now == last and why else 0, now
            if quiet == PATIENCE:
                break
            gevent.sleep(0.005)
        self.complaints.append(why)

    def judge(self):
        assert not self.complaints, self.complaints[0]

    def _run(self, ready, found):
        server = StreamServer((HOST, 0), self._talk, spawn=Pool(), backlog=200)
        server.start()
        found.append(server.address)
        ready.set()
        while not self.is_over:
            gevent.sleep(0.005)
        server.stop(timeout=0)
        gevent.get_hub().destroy(destroy_loop=True)

    @contextlib.contextmanager
    def running(self):
        """Yield the address."""
        ready, found = threading.Event(), []
        thread = threading.Thread(target=self._run, args=(ready, found), name="far side", daemon=True)
        thread.start()
        ready.wait()
        try:
            yield found[0]
        finally:
            self.is_over = True
            thread.join()


def _place():
    """Return where the asking thread stands; the plugin looks after who waits in a call, in frames of its own."""
    frame = sys._current_frames()[threading.main_thread().ident]
    while frame.f_back and frame.f_globals["__name__"].startswith("pytest_concurrency"):
        frame = frame.f_back
    return id(frame), frame.f_lasti


def _has_left(connection):
    try:
        return not connection._sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def together(k, total):
    """Let questions go when k of them are open at once, or all that are left."""

    def may_go(site, number):
        need = min(k, total - len(site.gone))
        if number not in site.gone and len(site.waiting) >= need:
            site.gone.update(site.waiting)
            site.waiting.clear()
        return (
            ""
            if number in site.gone
            else f"only {len(site.waiting)} of {need} came, and then nobody: ask at the same time"
        )

    return may_go
