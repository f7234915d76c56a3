"""The shouting gallery: the tests. Real sockets on 127.0.0.1; time is virtual, and the tasks go on in many orders."""

import asyncio
import contextlib
import errno
import os
import socket

import pytest
from streams_server import open_gallery

HOST = "127.0.0.1"


def in_loop(main):
    """Make a scenario of a coroutine function; who waits for 999 s waits for ever."""

    async def guarded():
        try:
            await asyncio.wait_for(main(), 999)
        except TimeoutError:
            raise AssertionError("999 s later it still waits: who waits for a client who is gone?") from None

    return lambda: asyncio.run(guarded())


async def tried(awaitable, seconds=99):
    """Return what was returned or raised, and how long it took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        found = await asyncio.wait_for(awaitable, seconds)
    except NotImplementedError:
        raise
    except Exception as error:
        found = error
    return found, loop.time() - began


class Shout:
    """A `shout` that takes a second for each letter of the line, and notes what it does."""

    def __init__(self, seconds=1):
        self.seconds = seconds
        self.begun, self.ended, self.cancelled = [], [], []

    async def __call__(self, line):
        self.begun.append(line)
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.cancelled.append(line)
            raise
        self.ended.append(line)
        if line.startswith("bad"):
            raise ERRORS[line]("it cannot be said (this error is part of the test)")
        return line.upper()


ERRORS = {"bad": LookupError, "bad reset": ConnectionResetError, "bad value": ValueError, "bad pipe": BrokenPipeError}


@contextlib.asynccontextmanager
async def gallery(shout=None):
    """Open a gallery, and stop it."""
    before = asyncio.all_tasks()
    opened = await open_gallery(shout or Shout())
    yield opened
    found, took = await tried(opened.stop())
    assert not isinstance(found, BaseException) and took == 0, f"stop gave {found!r} after {took:g} s"
    left = asyncio.all_tasks() - before
    assert not left, f"the gallery is stopped, and {len(left)} of its tasks still run: wait for them"


class Client:
    """The other end of a connection."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    def say(self, data):
        self.writer.write(data.encode() if isinstance(data, str) else data)

    async def hear(self, lines, seconds=30):
        """Return what has come when there are so many lines, the connection has ended, or time is up."""
        heard = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(seconds):
                while heard.count(b"\n") < lines and (piece := await self.reader.read(1_000_000)):
                    heard += piece
        return heard

    async def end(self, seconds=30):
        """Return what comes until the connection ends, and whether it does within so many seconds."""
        heard = await self.hear(1_000_000, seconds)
        return heard, self.reader.at_eof() or self.reader.exception() is not None

    def break_off(self):
        """Be gone, as if the cable were cut: the other side gets a reset."""
        self.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
        )
        self.writer.transport.abort()


@contextlib.asynccontextmanager
async def client(port, deaf=False):
    sock = socket.socket()
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, (HOST, port))
    reader, writer = await asyncio.open_connection(sock=sock, limit=100_000)
    if deaf:
        writer.transport.pause_reading()
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def now():
    return asyncio.get_running_loop().time()


@pytest.mark.task(1)
def test_each_line_is_answered(race):
    async def main():
        async with gallery() as hall, client(hall.port) as ann:
            for line, right in (
                ("hello", "HELLO"),
                ("größe", "GRÖSSE"),
                (" x ", " X "),
                ("", ""),
                ("Quit", "QUIT"),
                (" quit", " QUIT"),
            ):
                began = now()
                ann.say(f"{line}\n")
                heard = await ann.hear(1)
                took = now() - began
                assert heard == f"{right}\n".encode(), f"ann said {line!r}, and heard {heard}"
                assert took == 1, f"a shout of 1 s was heard after {took:g} s"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(1)
def test_one_after_the_other(race):
    async def main():
        shout = Shout()
        seconds = {"a": 3, "b": 1, "c": 2}

        async def slow(line):
            shout.begun.append((line, now() - began))
            await asyncio.sleep(seconds[line])
            return f"{line}1\n{line}2"

        async with gallery(slow) as hall, client(hall.port) as ann:
            began = now()
            ann.say("a\nb\nc\n")
            heard = await ann.hear(6)
            assert heard == b"a1\na2\nb1\nb2\nc1\nc2\n", f"ann said a, b, c, two lines come of each; she heard {heard}"
            right = [("a", 0), ("b", 3), ("c", 4)]
            assert shout.begun == right, f"shouts of 3, 1 and 2 s began at {shout.begun}: one after the other, {right}"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(2)
def test_nobody_waits_for_another(race):
    async def main():
        async with gallery(Shout(5)) as hall, client(hall.port) as ann, client(hall.port) as ben:
            async with client(hall.port) as cid:
                cid.say("half a li")
                began = now()
                ann.say("ann\n")
                await asyncio.sleep(1)
                ben.say("ben\n")
                heard = [(await ann.hear(1), now() - began), (await ben.hear(1), now() - began)]
                assert heard == [(b"ANN\n", 5), (b"BEN\n", 6)], (
                    f"a shout takes 5 s; ann spoke at 0, ben at 1 s; what they heard, and when: {heard}: nobody waits"
                )
                cid.say("ne\n")
                heard = await cid.hear(1)
                assert heard == b"HALF A LINE\n", f"cid said a line in two halves, and heard {heard}"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(2)
def test_two_galleries(race):
    async def main():
        async with gallery() as one, client(one.port) as ann:
            ann.say("good day\n")
            heard = await ann.hear(1)
            assert heard == b"GOOD DAY\n", f"ann said 'good day', and heard {heard}"
            async with gallery(Shout(2)) as two, client(two.port) as ben:
                ben.say("ben\n")
                ann.say("ann\n")
                heard = [await ann.hear(1), await ben.hear(1)]
                assert heard == [b"ANN\n", b"BEN\n"], f"the clients of two galleries heard {heard}"
                ann.say("ann\n")
            heard = await ann.hear(1)
            assert heard == b"ANN\n", f"the other gallery was stopped while ann spoke, and she heard {heard}"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(3)
@pytest.mark.parametrize(
    ("said", "eof", "right"),
    [
        ("hello\nquit\nlate\n", False, b"HELLO\n"),
        ("quit\n", False, b""),
        ("a\nb\n", True, b"A\nB\n"),
        ("a\nb", True, b"A\nB\n"),
        ("a\nquit", True, b"A\n"),
        ("", True, b""),
    ],
    ids=["quit_and_more", "quit", "end", "no_end", "quit_no_end", "nothing"],
)
def test_who_says_goodbye(race, said, eof, right):
    async def main():
        shout = Shout()
        async with gallery(shout) as hall, client(hall.port) as ann:
            began = now()
            ann.say(said)
            if eof:
                ann.writer.write_eof()
            heard, ended = await ann.end()
            took = now() - began
            what = f"ann said {said!r}{' and stopped sending' if eof else ''}"
            assert ended, f"{what}, and her connection is still open: close it"
            assert heard == right, f"{what}, and heard {heard} instead of {right}"
            assert took == len(shout.begun) == right.count(b"\n"), f"{what}; {shout.begun} were shouted in {took:g} s"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(3)
@pytest.mark.parametrize("how", ["resets", "closes"])
def test_who_is_gone(race, how):
    async def main():
        shout = Shout(2)
        async with gallery(shout) as hall, client(hall.port) as ben:
            async with client(hall.port) as ann:
                ann.say("1\n2\n3\n4\n5\n6\n")
                await asyncio.sleep(1)
                if how == "resets":
                    ann.break_off()
            ben.say("ben\n")
            heard = await ben.hear(1)
            assert heard == b"BEN\n", f"ann is gone ({how}), and ben heard {heard}"
            await asyncio.sleep(20)
            mine = [line for line in shout.begun if line != "ben"]
            assert len(mine) <= 2, f"ann was gone ({how}) during her first line, and {mine} were shouted: stop for her"

    race.explore(in_loop(main), order="any", schedules=3)


LONG = "x" * 60_000


@pytest.mark.task(4)
@pytest.mark.means(
    ConnectionRefusedError="the error of one client has closed the door for the next: the gallery goes on"
)
@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        *[(f"{line}\n".encode(), f"shout raised {error.__name__}") for line, error in ERRORS.items()],
        (b"\xff\xfe\n", "a line was no UTF-8"),
        (LONG.encode() + b"x\n", "a line had 60,001 bytes"),
        (LONG.encode() + b"x" * 30_000, "a line had 90,000 bytes"),
    ],
    ids=[*ERRORS, "no_text", "too_long", "much_too_long"],
)
def test_an_error_ends_one_conversation(race, wrong, what):
    async def main():
        shout = Shout()
        async with gallery(shout) as hall, client(hall.port) as ben:
            async with client(hall.port) as ann:
                ann.say(b"good\n" + wrong + b"\nlate\n")
                ben.say("ben\n")
                heard, ended = await ann.end()
                assert ended, f"{what}, and the connection is still open: close it"
                assert heard == b"GOOD\nerror\n", f"ann said something good, then {what}; she heard {heard}"
                assert "late" not in shout.begun, f"{what}, and ann's next line was shouted"
            heard = await ben.hear(1)
            assert heard == b"BEN\n", f"{what} with ann, and ben heard {heard}"
            async with client(hall.port) as cid:
                cid.say("next\n")
                heard = await cid.hear(1)
                assert heard == b"NEXT\n", f"{what}, and the next client heard {heard}: the gallery goes on"

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(4)
def test_a_long_line(race):
    async def main():
        async with gallery() as hall, client(hall.port) as ann:
            ann.say(f"{LONG}\nshort\n")
            heard = await ann.hear(2)
            right = f"{LONG}\nshort\n".upper().encode()
            assert heard == right, (
                f"a line of 60,000 bytes and a short one; ann heard {len(heard)} bytes of {len(right)}"
            )

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(4)
def test_a_line_is_as_long_as_its_bytes(race):
    async def main():
        for count, right in ((30_000, "Ä" * 30_000), (30_001, "error")):
            async with gallery() as hall, client(hall.port) as ann:
                ann.say("ä" * count + "\n")
                heard = (await ann.hear(1)).decode()
                assert heard == f"{right}\n", (
                    f"a line of {count} characters and {2 * count} bytes; ann heard {heard[:9]!r}…: 60,000 bytes are "
                    "allowed, not characters"
                )

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(1)
def test_an_empty_answer_is_an_answer(race):
    async def main():
        async def swallow(line):
            return ""

        async with gallery(swallow) as hall, client(hall.port) as ann:
            ann.say("hello\n")
            heard = await ann.hear(1)
            assert heard == b"\n", f"shout returned '' for 'hello', and ann heard {heard}: an empty line"

    race.explore(in_loop(main), schedules=1)


@pytest.mark.task(1)
@pytest.mark.parametrize(("silence", "seconds"), [(1_000_000, 1), (1, 1_000_000)], ids=["client", "shout"])
def test_who_takes_his_time(race, silence, seconds):
    async def main():
        async with gallery(Shout(seconds)) as hall, client(hall.port) as ann:
            await asyncio.sleep(silence)
            ann.say("hello\n")
            heard = await ann.hear(1, 2_000_000)
            assert heard == b"HELLO\n", (
                f"ann said nothing for {silence} s, then hello, a shout takes {seconds} s; she heard {heard}: nobody "
                "has set a limit of time"
            )

    race.explore(lambda: asyncio.run(main()), schedules=1)


@pytest.mark.task(1)
def test_the_only_door(race):
    async def main():
        async with gallery() as hall:
            with socket.socket() as other:
                try:
                    other.bind(("127.0.0.2", hall.port))
                except OSError as error:
                    assert error.errno != errno.EADDRINUSE, "the gallery has the port of 127.0.0.2, too: 127.0.0.1 only"

    race.explore(in_loop(main), schedules=1)


PIECE = 1_000_000
MANY = 12


@pytest.mark.task(5)
def test_who_does_not_read(race):
    async def main():
        shouted = []

        async def shout(line):
            shouted.append(line)
            return line * PIECE

        async with gallery(shout) as hall, client(hall.port, deaf=True) as ann, client(hall.port) as ben:
            ann.say("a\n" * MANY + "quit\n")
            await asyncio.sleep(1)
            number = len(shouted)
            assert number < MANY, (
                f"ann does not read, and all her {MANY} lines were shouted, 1 MB each: who does not read must be "
                "waited for; drain"
            )
            ben.say("b\nc\n")
            heard = await ben.hear(2)
            assert len(heard) == 2 * (PIECE + 1), f"ann does not read, and ben heard {len(heard)} bytes of 2 MB"
            ann.writer.transport.resume_reading()
            heard, ended = await ann.end()
            assert len(heard) == MANY * (PIECE + 1), (
                f"ann read again, up to her quit, and heard {len(heard)} bytes of {MANY * (PIECE + 1)}: send all, then "
                "close"
            )
            assert ended, "ann said quit, read everything, and her connection is still open"

    race.explore(in_loop(main), order="any", schedules=1)


@pytest.mark.task(6)
def test_the_gallery_is_stopped(race):
    async def main():
        shout = Shout(60)
        before = asyncio.all_tasks()
        hall = await open_gallery(shout)
        async with client(hall.port) as ann, client(hall.port) as ben, client(hall.port) as cid:
            ann.say("ann\n")
            ben.say("half a li")
            await asyncio.sleep(1)
            for again in ("", " again"):
                found, took = await tried(hall.stop())
                assert not isinstance(found, BaseException), (
                    f"stop{again} gave {found!r} after {took:g} s: wait for no client"
                )
                assert took == 0, f"stop{again} took {took:g} s: it waits for no shout and for no client"
            left = asyncio.all_tasks() - before
            assert not left, f"the gallery is stopped, and {len(left)} of its tasks still run: cancel them, and wait"
            assert shout.cancelled == ["ann"], (
                f"the gallery is stopped, and of the shout for ann was cancelled {shout.cancelled}"
            )
            for name, each in (("ann", ann), ("ben", ben), ("cid", cid)):
                heard, ended = await each.end()
                assert ended, f"the gallery is stopped, and {name}'s connection is open: close each"
                assert heard == b"", f"the gallery is stopped, and {name} heard {heard}"
        found, _ = await tried(asyncio.open_connection(HOST, hall.port))
        assert isinstance(found, ConnectionRefusedError), f"the gallery is stopped, and still listens: {found!r}"

    race.explore(in_loop(main), order="any", schedules=4)


@pytest.mark.task(6)
def test_a_shout_takes_its_time_to_end(race):
    async def main():
        ended = []

        async def shout(line):
            try:
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(2)
                ended.append(line)

        before = asyncio.all_tasks()
        hall = await open_gallery(shout)
        async with client(hall.port) as ann:
            ann.say("ann\n")
            await asyncio.sleep(1)
            found, took = await tried(hall.stop())
            assert not isinstance(found, BaseException), f"stop gave {found!r} after {took:g} s"
            assert ended == ["ann"] and took == 2, (
                f"a shout, cancelled, needs 2 s to end; stop came back after {took:g} s, and ended were {ended}: "
                "wait for the conversations, not for their connections alone"
            )
            left = asyncio.all_tasks() - before
            assert not left, f"the gallery is stopped, and {len(left)} of its tasks still run: wait for them"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(6)
@pytest.mark.parametrize("said", ["a\na\n", "a\nquit\n"], ids=["drain", "quit"])
def test_stopped_before_a_deaf_client(race, said):
    async def main():
        async def shout(line):
            return line * 12 * PIECE

        hall = await open_gallery(shout)
        async with client(hall.port, deaf=True) as ann:
            ann.say(said)
            await asyncio.sleep(1)
            found, took = await tried(hall.stop())
            assert not isinstance(found, BaseException), (
                f"a client reads nothing, and stop gave {found!r} after {took:g} s: abort, it waits for no client"
            )
            ann.writer.transport.resume_reading()
            _, ended = await ann.end()
            assert ended, "a client read nothing, the gallery was stopped, and his connection is open: abort"

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(6)
def test_stopped_after_a_deaf_client_has_quit(race):
    async def main():
        shouted = []

        async def shout(line):
            shouted.append(line)
            return "x" * 20_000

        before = len(os.listdir("/dev/fd"))
        hall = await open_gallery(shout)
        async with client(hall.port, deaf=True) as ann, client(hall.port, deaf=True) as ben:
            ann.say("a\n" * 1000)
            await asyncio.sleep(1)
            ben.say("b\n" * (len(shouted) - 1) + "quit\n")  # what does not fit into the sockets, but is not too much
            await asyncio.sleep(1)
            found, took = await tried(hall.stop())
            assert not isinstance(found, BaseException), f"two read nothing, and stop gave {found!r} after {took:g} s"
            await asyncio.sleep(1)
            more = len(os.listdir("/dev/fd")) - before - 2
            assert more == 0, (
                f"a client said quit and reads nothing, the gallery is stopped, and {more} of its descriptors are "
                "still open: abort each connection, also where only the rest is being sent"
            )

    race.explore(in_loop(main), order="any", schedules=1)


@pytest.mark.task(6)
def test_nobody_is_there(race):
    async def main():
        async with gallery() as hall:
            async with client(hall.port) as ann:
                ann.say("quit\n")
                await ann.end()
            async with client(hall.port) as ben:
                ben.say("bad\n")
                await ben.end()
        async with gallery():
            pass

    race.explore(in_loop(main), order="any", schedules=3)
