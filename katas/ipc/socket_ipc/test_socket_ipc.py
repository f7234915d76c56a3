"""The tube mail: the tests. Real sockets, which give their bytes in pieces that the test chooses."""

import contextlib
import fcntl
import multiprocessing
import os
import signal
import socket
import stat
import struct
import sys
import termios
import threading
import time

import pytest
from socket_ipc import converse, receive_text, send_text

LARGE = "ä" * 150_000  # 300,000 bytes: more than a socket holds
TEXTS = ["hello", "", "two\nlines", "three\r\nmore\r", "\0", "Grüße", "𝄞", "\ufeffmark", " ", "a" * 30, "end"]
PATIENCE = [30]  # seconds of real time, until somebody who does not move is given up; fewer when one has been


class Tube(socket.socket):
    """A socket that gives and takes so many bytes at a time, and says when somebody would wait or ask for ever."""

    def __init__(self, end, most=1_000_000, *, is_open=False):
        super().__init__(fileno=end.detach())
        self.most, self.is_open, self.ends = most, is_open, 0

    def limited(self, size, flags):
        if self.is_open and size:
            try:
                super().recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            except BlockingIOError:
                raise AssertionError("the whole message is there, and receive_text waits for more bytes") from None
        return size if flags & socket.MSG_WAITALL else min(size, self.most)

    def seen(self, size, count):
        self.ends += size > 0 and count == 0
        assert self.ends < 50, "the other end is closed, recv returns b'', and receive_text asks again and again"

    def recv(self, bufsize, flags=0):
        piece = super().recv(self.limited(bufsize, flags), flags)
        self.seen(bufsize, len(piece))
        return piece

    def recv_into(self, buffer, nbytes=0, flags=0):
        size = nbytes or memoryview(buffer).nbytes
        count = super().recv_into(buffer, self.limited(size, flags), flags)
        self.seen(size, count)
        return count

    def send(self, data, flags=0):
        return super().send(memoryview(data)[: self.most], flags)


def framed(text):
    return struct.pack("!I", len(text.encode())) + text.encode()


def taken(end, pieces):
    while piece := end.recv(65_536):
        pieces.append(piece)


@pytest.mark.task(1)
@pytest.mark.parametrize("most", [1_000_000, 3], ids=["freely", "three at a time"])
@pytest.mark.parametrize("texts", [TEXTS, [LARGE]], ids=["texts", "large"])
def test_what_is_sent(texts, most):
    one, other = socket.socketpair()
    pieces = []
    taker = threading.Thread(target=taken, args=(other, pieces), daemon=True)
    taker.start()
    try:
        with Tube(one, most if texts is TEXTS else max(most, 65_536)) as tube:
            for text in texts:
                send_text(tube, text)
    finally:
        taker.join()
        other.close()
    came = b"".join(pieces)
    for text in texts:
        wanted = framed(text)
        assert came[: len(wanted)] == wanted, (
            f"{text!r:.40} should be sent as {wanted[:40]}, and {came[: len(wanted)][:40]} came: the length counts the "
            "bytes of the text, and all of them are sent"
        )
        came = came[len(wanted) :]
    assert came == b"", f"behind the last message came {came[:40]}"


def received(content, most, *, is_open=False, count=None):
    """Send bytes through a socket, and receive so many messages from it, or all."""
    one, other = socket.socketpair()
    with Tube(one, most, is_open=is_open) as tube, other:
        feeder = threading.Thread(target=fed, args=(other, content, is_open))
        feeder.start()
        if is_open:
            feeder.join()
        came = []
        try:
            while len(came) != count and (text := receive_text(tube)) is not None:
                came.append(text)
        finally:
            tube.close()
            feeder.join()
        return came


def fed(end, content, is_open):
    try:
        end.sendall(content)
        if not is_open:
            end.shutdown(socket.SHUT_WR)
    except OSError:  # who receives has given up
        pass


def tried(function, *arguments, **settings):
    try:
        return function(*arguments, **settings)
    except NotImplementedError:
        raise
    except Exception as error:
        return error


@pytest.mark.task(2)
@pytest.mark.parametrize("most", [1, 3, 5, 1_000_000], ids=["1 byte", "3 bytes", "5 bytes", "all at once"])
def test_messages_in_pieces(most):
    came = tried(received, b"".join(map(framed, TEXTS)), most)
    assert came == TEXTS, (
        f"{TEXTS} were sent, and arrived in pieces of up to {most} bytes; received were {came!r}: one recv is not one "
        "message, nor a whole character; take what belongs to this one, and leave the rest"
    )


@pytest.mark.task(2)
def test_a_large_message():
    came = tried(received, framed(LARGE) + framed("end"), 65_536)
    shown = [f"{len(text)} characters" for text in came] if isinstance(came, list) else came
    assert came == [LARGE, "end"], f"messages of {len(LARGE)} and of 3 characters were sent; received were {shown!r}"


@pytest.mark.task(2)
@pytest.mark.parametrize("most", [1, 1_000_000], ids=["1 byte", "all at once"])
@pytest.mark.parametrize("texts", [["hi"], [""], ["a", "b"]], ids=["one", "empty", "two"])
def test_it_waits_for_no_more_than_a_message(texts, most):
    came = tried(received, b"".join(map(framed, texts)), most, is_open=True, count=len(texts))
    assert came == texts, f"{texts} were sent, and the other end is still open; received were {came!r}"


@pytest.mark.task(3)
@pytest.mark.parametrize("cut", [0, 1, 3, 4, 5, 9])
@pytest.mark.parametrize("before", [[], ["first"]], ids=["at once", "later"])
def test_the_end(cut, before):
    content = b"".join(map(framed, before))
    came = tried(received, content + framed("Grüße")[:cut], 2)
    if cut:
        assert isinstance(came, EOFError), (
            f"the other end was closed after {cut} of 11 bytes of a message: no EOFError, but {came!r}"
        )
    else:
        assert came == before, f"{before} were sent, and then the end: received were {came!r}, and then there is None"


@pytest.mark.task(3)
@pytest.mark.parametrize("cut", [0, 2, 4, 9])
def test_asked_again_at_the_end(cut):
    one, other = socket.socketpair()
    with Tube(one) as tube:
        with other:
            other.sendall(framed("Grüße")[:cut])
        found = [tried(receive_text, tube) for _ in range(3)]
    kinds = [EOFError if isinstance(each, EOFError) else each for each in found]
    assert kinds == [EOFError if cut else None, None, None], (
        f"the other end was closed after {cut} of 11 bytes of a message, and asked three times, receive_text came to "
        f"{found}: once EOFError for what was begun, then None, as no byte has come"
    )


class Stuck(BaseException):
    """Somebody waits for ever."""


def stuck(*_):
    for process in multiprocessing.active_children():
        process.kill()
    PATIENCE.append(3)
    raise Stuck(
        f"nothing goes on for {PATIENCE[-2]} s: somebody waits for the end of a socket whose other end is still open, "
        "here or in the other process, or both send, and nobody receives, or a text is wanted before the last was sent"
    )


@contextlib.contextmanager
def patience():
    """Give up who waits for ever, and nobody else: no alarm is left when the test has ended."""
    before = signal.signal(signal.SIGALRM, stuck)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE[-1], 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def check_nothing_is_left(before):
    left = [process.name for process in multiprocessing.active_children()]
    assert not left, f"converse has come back, and {left} still run: wait for the end of the process"
    more = open_sockets() - before
    assert more <= 0, f"converse has come back, and {more} more sockets are open than before: close them"


def open_sockets():
    return len(sockets())


def sockets():
    found = set()
    for number in map(int, os.listdir("/dev/fd")):
        with contextlib.suppress(OSError):  # the folder itself, which is closed by now
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                found.add(number)
    return found


class Letters:
    """An iterable that counts as false, and notes how often it is walked."""

    walks = 0

    def __bool__(self):
        return False

    def __iter__(self):
        self.walks += 1
        yield from ["Grüße", "", "two\nlines", LARGE, LARGE]
        yield "last"


@pytest.mark.task(4)
@patience()
def test_a_conversation():
    sockets, caller, texts = open_sockets(), os.getpid(), Letters()

    def answer(text):
        answer.count += 1
        return f"{os.getpid()} {answer.count} {text}"

    answer.count = 0
    came = converse(texts, answer)
    assert texts.walks == 1, f"texts is an iterable that is false, and was walked {texts.walks} times: once"
    words = [each.split(" ", 2) for each in came]
    right = ["Grüße", "", "two\nlines", LARGE, LARGE, "last"]
    assert [text for _, _, text in words] == right, (
        f"six texts were sent, each comes back in its answer; these came: {[text[:20] for *_, text in words]}"
    )
    assert [int(count) for _, count, _ in words] == [1, 2, 3, 4, 5, 6], "answer is called once for each text, in order"
    pids = {int(pid) for pid, _, _ in words}
    assert len(pids) == 1 and caller not in pids, "answer is called in one other process"
    assert converse([], answer) == [], "without texts there are no answers"
    check_nothing_is_left(sockets)


@pytest.mark.task(4)
@patience()
def test_a_text_may_depend_on_an_answer():
    one, other = multiprocessing.Pipe()

    def texts():
        yield "a"
        one.recv()
        yield ""

    def answer(text):
        other.send(text)
        return text

    came = tried(converse, texts(), answer)
    one.close()
    other.close()
    assert came == ["a", ""], f"'a' and then '' were sent, each is its own answer, and this came back: {came!r}"


def fall_silent(text):
    if text == "x":
        os._exit(7)
    return text


def fail(text):
    raise KeyboardInterrupt


def stumble(text):
    raise ValueError(text)


def leave(text):
    sys.exit()


def leave_at_once(text):
    os._exit(0)


def stop(text):
    raise StopIteration


@pytest.mark.task(4)
@patience()
def test_the_other_process_ends():
    for answer in (fall_silent, fail, stumble, leave, leave_at_once, stop):
        for texts in (["x"], ["x", "a", "b"], ["a", "x", LARGE]):
            sockets = open_sockets()
            came = tried(converse, texts, answer)
            assert isinstance(came, EOFError), (
                f"the process has ended instead of answering, in {answer.__name__}: no EOFError, but {came!r:.80}; "
                "whatever its exit code says"
            )
            check_nothing_is_left(sockets)


def ask_another(text):
    return ",".join(converse([text, text], str.upper))


@pytest.mark.task(4)
@patience()
def test_a_conversation_inside_of_another():
    sockets = open_sockets()
    came = tried(converse, ["a", "b"], ask_another)
    assert came == ["A,A", "B,B"], f"answer asks a process of its own, and converse gave {came!r}"
    check_nothing_is_left(sockets)


@pytest.mark.task(4)
@patience()
def test_the_other_process_is_killed():
    def texts():
        yield "a"
        for process in multiprocessing.active_children():
            process.kill()
            process.join()
        yield LARGE

    sockets = open_sockets()
    came = tried(converse, texts(), str.upper)
    assert isinstance(came, EOFError), f"the process was killed between two texts: no EOFError, but {came!r:.80}"
    check_nothing_is_left(sockets)


def kill_when_it_has_mail(process, tubes):
    """Kill a process that is stopped when something was sent to it; on loopback, when there was time for it."""
    for _ in range(100):
        if any(struct.unpack("i", fcntl.ioctl(tube, termios.TIOCOUTQ, bytes(4)))[0] for tube in tubes):
            break
        time.sleep(0.005)
    process.kill()


@pytest.mark.task(4)
@patience()
def test_the_other_process_is_killed_with_a_text_unread():
    killers = []

    def texts():
        yield "a"
        (process,) = multiprocessing.active_children()
        os.kill(process.pid, signal.SIGSTOP)
        tubes = [number for number in sockets() if number not in before]
        killers.append(threading.Thread(target=kill_when_it_has_mail, args=(process, tubes)))
        killers[0].start()
        yield "b"

    before = sockets()
    came = tried(converse, texts(), str.upper)
    for killer in killers:
        killer.join()
    assert isinstance(came, EOFError), (
        f"the process was killed, 'b' was sent to it, and unread: no EOFError, but {came!r}"
    )
    check_nothing_is_left(len(before))


@pytest.mark.task(4)
@pytest.mark.parametrize("kind", [ValueError, ConnectionResetError, EOFError, KeyboardInterrupt])
@patience()
def test_the_texts_break_off(kind):
    sockets, error = open_sockets(), kind("no ink")

    def texts():
        yield "a"
        raise error

    try:
        came = converse(texts(), str.upper)
    except NotImplementedError:
        raise
    except BaseException as raised:
        came = raised
    assert came is error, f"asking for the second text raised {error!r}, and converse gave {came!r}"
    check_nothing_is_left(sockets)
