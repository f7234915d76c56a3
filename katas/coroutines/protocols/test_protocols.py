"""The telegraph office: the tests. Real sockets on 127.0.0.1; time is virtual, and the tasks go on in many orders."""

import asyncio
import contextlib
import socket

import pytest
from protocols import LIMIT, open_office, send_lines

HOST = "127.0.0.1"


def in_loop(main):
    """Make a scenario of a coroutine function; who waits for 999 s waits for ever."""

    async def guarded():
        try:
            await asyncio.wait_for(main(), 999)
        except TimeoutError:
            raise AssertionError(
                "it still waits 999 s later: who waits for a reply must hear when none comes"
            ) from None

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


@contextlib.asynccontextmanager
async def office(answer=str.upper):
    """Open an office, and close it."""
    opened = await open_office(answer)
    yield opened
    found, took = await tried(opened.close())
    assert not isinstance(found, BaseException) and took == 0, f"close gave {found!r} after {took:g} s"


class Client:
    """The other end of a connection."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def send(self, data):
        with contextlib.suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def say(self, *pieces):
        """Send pieces, and let a second pass after each: it has come when the next is sent."""
        for piece in pieces:
            await self.send(piece)
            await asyncio.sleep(1)

    async def hear(self, lines, seconds=5):
        """Return what has come when there are so many lines, the connection has ended, or time is up."""
        heard = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(seconds):
                while heard.count(b"\n") < lines and (piece := await self.reader.read(100_000)):
                    heard += piece
        return heard

    async def end(self, seconds=5):
        """Return what comes until the connection ends, and whether it does within so many seconds."""
        heard = await self.hear(1_000_000, seconds)
        return heard, self.reader.at_eof() or self.reader.exception() is not None


@contextlib.asynccontextmanager
async def client(port):
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


class Noted:
    """An `answer` that notes what it was asked."""

    def __init__(self, reply=str.upper):
        self.reply, self.lines = reply, []

    def __call__(self, line):
        self.lines.append(line)
        return self.reply(line)


@pytest.mark.task(1)
def test_a_line_is_answered(race):
    async def main():
        async with office() as telegraph, client(telegraph.port) as ann:
            await ann.send(b"hello\n")
            heard = await ann.hear(1)
            assert heard == b"HELLO\n", f"b'hello\\n' came, answer gave 'HELLO', and the client heard {heard}"
            await ann.send("again\ngröße\n".encode())
            heard = await ann.hear(2)
            assert heard == "AGAIN\nGRÖSSE\n".encode(), f"two more lines came, and the client heard {heard}: UTF-8"

    race.explore(in_loop(main), order="any", schedules=4)


@pytest.mark.task(1)
def test_what_is_no_reply(race):
    async def main():
        replies = {"silence": None, "nothing": "", "": "empty", "0": "0"}
        answer = Noted(replies.get)
        async with office(answer) as telegraph, client(telegraph.port) as ann:
            await ann.send(b"silence\nnothing\n\n0\n")
            heard = await ann.hear(3)
            assert answer.lines == list(replies), f"the lines {list(replies)} came, answer was asked {answer.lines}"
            assert heard == b"\nempty\n0\n", (
                f"answers None, '', 'empty', '0': the client heard {heard}; None is no reply, an empty line is one"
            )

    race.explore(in_loop(main), order="any", schedules=4)


STREAM = "ein\nzwölf\n€uro\n\n𝄞\n"


@pytest.mark.task(2)
@pytest.mark.parametrize("cuts", [(1,), (3, 4), (6, 8), (7, 12), (13, 14), (19, 21)], ids=str)
def test_pieces_are_put_together(race, cuts):
    async def main():
        data = STREAM.encode()
        pieces = [data[begin:end] for begin, end in zip((0, *cuts), (*cuts, len(data)), strict=True)]
        answer = Noted()
        async with office(answer) as telegraph, client(telegraph.port) as ann:
            await ann.say(*pieces[:-1])
            await ann.send(pieces[-1])
            await ann.hear(5)
            right = STREAM.split("\n")[:-1]
            assert answer.lines == right, f"the pieces {pieces} are the lines {right}, answered were {answer.lines}"

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(2)
def test_as_soon_as_it_is_complete(race):
    async def main():
        answer = Noted()
        async with office(answer) as telegraph:
            async with client(telegraph.port) as ann:
                for piece, new in ((b"one\ntw", ["one"]), (b"o\n", ["two"]), (b"3\n4\n5\nsi", ["3", "4", "5"])):
                    before = len(answer.lines)
                    await ann.send(piece)
                    await ann.hear(len(new))
                    found = answer.lines[before:]
                    assert found == new, f"{piece} came, and {found} were answered: {new} are complete now"
            await asyncio.sleep(1)
            assert len(answer.lines) == 5, f"the client left in the midst of a line; answered were {answer.lines}"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(2)
def test_only_one_end_of_a_line(race):
    async def main():
        answer = Noted(lambda line: ".")
        lines = [" a blank ", "\ta tab\t", "a\rb\r", "a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g", "\ufeff", "\0"]
        async with office(answer) as telegraph, client(telegraph.port) as ann:
            await ann.send("".join(f"{line}\n" for line in lines).encode())
            await ann.hear(len(lines))
            found = answer.lines
            assert found == lines, f"the lines {lines} came, answered were {found}: a line ends with \\n alone"

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(3)
def test_two_at_the_same_time(race):
    async def main():
        answer = Noted()
        async with office(answer) as telegraph, client(telegraph.port) as ann, client(telegraph.port) as ben:
            await ann.say(b"a tree ")
            await ben.say(b"two d")
            await ann.send(b"falls\n")
            heard = await ann.hear(1)
            right = ["a tree falls"]
            assert answer.lines == right, f"two clients sent halves of lines in turn; asked was {answer.lines}"
            assert heard == b"A TREE FALLS\n", f"two clients are there, and ann heard {heard}: to each his own reply"
            await ben.send(b"ogs\n")
            heard = await ben.hear(1)
            right.append("two dogs")
            assert answer.lines == right, f"two clients sent halves of lines in turn; asked was {answer.lines}"
            assert heard == b"TWO DOGS\n", f"two clients are there, and ben heard {heard}: to each his own reply"

    race.explore(in_loop(main), order="any", schedules=4)


@pytest.mark.task(3)
def test_two_offices(race):
    async def main():
        async with office() as one, office(str.title) as two:
            async with client(one.port) as ann, client(two.port) as ben:
                await ann.say(b"a tr")
                await ben.send(b"two dogs\n")
                heard = [await ben.hear(1)]
                await ann.send(b"ee\n")
                heard.append(await ann.hear(1))
                assert heard == [b"Two Dogs\n", b"A TREE\n"], f"the clients of two offices heard {heard}"
                await two.close()
                await ann.send(b"still there?\n")
                heard = await ann.hear(1)
                assert heard == b"STILL THERE?\n", f"another office closed, and ann heard {heard}"

    race.explore(in_loop(main), order="any", schedules=3)


def fussy(line):
    if line == "bad":
        raise LookupError("no such place (this error is part of the test)")
    return line.upper()


@pytest.mark.task(4)
@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (b"bad\n", "answer raised"),
        (b"\xff\xfe\n", "a line was no UTF-8"),
        (b"x" * (LIMIT + 1) + b"\n", "a long line"),
        ("é".encode() * (LIMIT // 2 + 1) + b"\n", "a line of 1002 bytes"),
    ],
    ids=["raises", "no_text", "too_long", "too_many_bytes"],
)
def test_the_office_hangs_up(race, wrong, what):
    async def main():
        answer = Noted(fussy)
        async with office(answer) as telegraph:
            async with client(telegraph.port) as ann, client(telegraph.port) as ben:
                await ben.say(b"be")
                await ann.send(b"good\n" + wrong + b"late\n")
                heard, ended = await ann.end()
                assert ended, f"{what}, and the connection is still open: close it"
                assert "late" not in answer.lines, f"{what}, and the next line was answered: the connection is over"
                assert heard == b"GOOD\n", f"{what}, a good line came before, and the client heard {heard}"
                await ben.send(b"n\n")
                heard = await ben.hear(1)
                assert heard == b"BEN\n", f"{what}, and another client heard {heard}: he has nothing to do with it"
            async with client(telegraph.port) as cid:
                await cid.send(b"next\n")
                heard = await cid.hear(1)
                assert heard == b"NEXT\n", f"{what}, and the next client heard {heard}"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("number", [1, 3])
def test_as_long_as_it_may_be(race, number):
    async def main():
        answer = Noted()
        async with office(answer) as telegraph, client(telegraph.port) as ann:
            line = "é" * (LIMIT // 2)
            data = f"{line}\n".encode() * 4
            size = len(data) // number + 1
            pieces = [data[place : place + size] for place in range(0, len(data), size)]
            await ann.say(*pieces[:-1])
            await ann.send(pieces[-1])
            await ann.hear(4)
            found = len(answer.lines)
            assert answer.lines == [line] * 4, f"four lines of {LIMIT} bytes in pieces of {size}: {found} were answered"

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(4)
def test_a_line_that_never_ends(race):
    async def main():
        async with office() as telegraph, client(telegraph.port) as ann:
            await ann.send(b"x" * LIMIT)
            assert not (await ann.end(1))[1], f"{LIMIT} bytes of a line came, and the office hung up: so long it may be"
            await ann.send(b"x")
            assert (await ann.end())[1], (
                f"{LIMIT + 1} bytes came without an end, and the office keeps them: hang up, or they grow for ever"
            )

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(4)
def test_a_good_line_before_one_that_never_ends(race):
    async def main():
        async with office() as telegraph, client(telegraph.port) as ann:
            await ann.send(b"good\n" + b"x" * (LIMIT + 1))
            heard, ended = await ann.end()
            assert ended, f"a good line and {LIMIT + 1} bytes without an end came in one piece, and nobody hung up"
            assert heard == b"GOOD\n", (
                f"a good line and {LIMIT + 1} bytes without an end came in one piece, and the client heard {heard}: "
                "answer what is complete, and hang up then"
            )

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(4)
@pytest.mark.parametrize("how", ["half", "leaves", "breaks"])
def test_a_client_leaves(race, how):
    async def main():
        answer = Noted()
        async with office(answer) as telegraph, client(telegraph.port) as ben:
            async with client(telegraph.port) as ann:
                await ann.send(b"one\ntwo\nthr")
                if how == "half":
                    ann.writer.write_eof()
                    heard, ended = await ann.end()
                    assert heard == b"ONE\nTWO\n", f"ann stopped sending, and heard {heard}: the replies still come"
                    assert ended, "ann stopped sending, and the office keeps her connection: close it"
                else:
                    await ann.hear(2)
                    if how == "leaves":
                        ann.writer.close()
            await asyncio.sleep(1)
            await ben.send(b"ben\n")
            heard = await ben.hear(1)
            lines = answer.lines
            assert lines == ["one", "two", "ben"], f"ann left in the midst of a line; answered were {lines}"
            assert heard == b"BEN\n", f"ann left, and ben heard {heard}"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(4)
def test_in_the_evening(race):
    async def main():
        telegraph = await open_office(str.upper)
        async with client(telegraph.port) as ann, client(telegraph.port) as ben:
            await ann.send(b"good evening\n")
            heard = [await ann.hear(1)]
            await ben.say(b"half a li")
            for number in ("", " again"):
                found, took = await tried(telegraph.close())
                assert not isinstance(found, BaseException) and took == 0, (
                    f"close{number} gave {found!r} after {took:g} s"
                )
            for name, each in (("ann", ann), ("ben", ben)):
                data, ended = await each.end()
                heard.append(data)
                assert ended, f"the office is closed, and {name}'s connection is open: close each connection"
            assert heard == [b"GOOD EVENING\n", b"", b""], f"ann sent a line, ben a half; they heard {heard}"
        found, _ = await tried(asyncio.open_connection(HOST, telegraph.port))
        assert isinstance(found, ConnectionRefusedError), f"the office is closed, and still listens: {found!r}"

    race.explore(in_loop(main), order="any", schedules=4)


@pytest.mark.task(4)
def test_who_reads_nothing_holds_up_nobody(race):
    async def main():
        telegraph = await open_office(lambda line: "x" * 10_000_000 if line == "much" else line)
        async with client(telegraph.port) as ann, client(telegraph.port) as ben:
            ann.writer.transport.pause_reading()
            await ann.say(b"much\n")
            await ben.send(b"ben\n")
            heard = await ben.hear(1)
            assert heard == b"ben\n", f"ann reads nothing of a long reply, and ben heard {heard}"
            found, took = await tried(telegraph.close())
            assert not isinstance(found, BaseException), (
                f"ann reads nothing, and close gave {found!r} after {took:g} s: abort, it waits for no client"
            )

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(4)
@pytest.mark.parametrize("how", ["sent a bad line", "stopped sending"])
def test_closed_before_the_rest_is_read(race, how):
    async def main():
        long = "x" * 10_000_000
        telegraph = await open_office(lambda line: fussy(line) if line == "bad" else long)
        async with client(telegraph.port) as ann:
            ann.writer.transport.pause_reading()
            await ann.say(b"much\nbad\n" if how == "sent a bad line" else b"much\n")
            if how == "stopped sending":
                ann.writer.write_eof()
            await asyncio.sleep(1)
            found, took = await tried(telegraph.close())
            what = f"ann asked for a long reply, {how}, and reads nothing"
            assert not isinstance(found, BaseException) and took == 0, f"{what}; close gave {found!r} after {took:g} s"
            ann.writer.transport.resume_reading()
            heard, ended = await ann.end()
            assert ended, f"{what}; the office is closed, and her connection is open: close each connection"
            assert len(heard) < len(long), (
                f"{what}; the office is closed, and sent her all of its {len(heard)} bytes then: a connection is open "
                "until connection_lost"
            )

    race.explore(in_loop(main), order="any", schedules=1)


@pytest.mark.task(4)
@pytest.mark.parametrize("how", ["sent a bad line", "stopped sending"])
def test_the_rest_is_read_late(race, how):
    async def main():
        long = "x" * 10_000_000
        async with office(lambda line: fussy(line) if line == "bad" else long) as telegraph:
            async with client(telegraph.port) as ann:
                ann.writer.transport.pause_reading()
                await ann.say(b"much\nbad\n" if how == "sent a bad line" else b"much\n")
                if how == "stopped sending":
                    ann.writer.write_eof()
                await asyncio.sleep(1)
                ann.writer.transport.resume_reading()
                heard, ended = await ann.end()
                what = f"ann asked for a long reply, {how}, and read later"
                assert len(heard) == len(long) + 1, (
                    f"{what}: of {len(long) + 1} bytes {len(heard)} came; abort loses what has not been sent, close "
                    "sends it first"
                )
                assert ended, f"{what}: all has come, and the connection is still open: close it"

    race.explore(in_loop(main), order="any", schedules=1)


@pytest.mark.task(4)
def test_all_are_closed_when_close_is_back(race):
    async def main():
        loop, telegraph = asyncio.get_running_loop(), await open_office(str.upper)
        with socket.socket() as plain:
            plain.setblocking(False)
            await loop.sock_connect(plain, (HOST, telegraph.port))
            await loop.sock_sendall(plain, b"x\n")
            for _ in "X\n":  # a piece may be short
                await loop.sock_recv(plain, 1)
            await telegraph.close()
            try:
                is_open = bool(plain.recv(1))
            except BlockingIOError:
                is_open = True
            except ConnectionError:
                is_open = False
            assert not is_open, (
                "close has come back, and a client's connection is still open: wait until connection_lost has been "
                "called for each"
            )

    race.explore(in_loop(main), order="any", schedules=2)


@contextlib.asynccontextmanager
async def other_side(*pieces, ends=False, gap=1):
    """Be a server that sends these pieces, whatever it hears; give the port, and what happens."""
    heard = {"data": b"", "ended": None}
    tasks, writers = [], []

    async def serve(reader, writer):
        tasks.append(asyncio.current_task())
        writers.append(writer)
        tasks.append(asyncio.create_task(sending(writer)))
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(1000):
                heard["data"] += piece
        heard["ended"] = asyncio.get_running_loop().time()

    async def sending(writer):
        for piece in pieces:
            await asyncio.sleep(gap)
            writer.write(piece)
        if ends:
            await asyncio.sleep(gap)
            writer.transport.abort() if ends == "breaks" else writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.task(5)
def test_lines_are_sent(race):
    async def main():
        async with office() as telegraph:
            for lines in (["hello", "größe", "", " x "], [], ["one"]):
                found, took = await tried(send_lines(telegraph.port, lines))
                right = [line.upper() for line in lines]
                assert found == right, f"sent {lines}, and send_lines gave {found!r} instead of {right}"
                assert took == 0, f"sent {lines}, and send_lines came back after {took:g} s instead of at once"

    race.explore(in_loop(main), order="any", schedules=4)


@pytest.mark.task(5)
def test_replies_in_pieces(race):
    async def main():
        data = "eins\nzwö\n\n€\r\nmore\nand mo".encode()
        pieces = [data[:8], data[8:13], data[13:]]
        async with other_side(*pieces) as (port, heard):
            found, took = await tried(send_lines(port, ["a", "ü", "c", "d"]))
            right = ["eins", "zwö", "", "€\r"]
            assert heard["data"] == "a\nü\nc\nd\n".encode(), (
                f"sent a, ü, c, d, and the other side heard {heard['data']}"
            )
            assert found == right, f"the replies came as {pieces}, and send_lines gave {found!r} instead of {right}"
            assert took == 3, f"the fourth reply was there after 3 s, and send_lines came back after {took:g} s"

    race.explore(in_loop(main), order="any", schedules=4)


@pytest.mark.task(5)
@pytest.mark.parametrize("how", ["closes", "breaks"])
def test_the_wire_is_cut(race, how):
    async def main():
        async with other_side(b"one\ntw", ends=how) as (port, _):
            found, took = await tried(send_lines(port, ["a", "b"]))
            assert not isinstance(found, TimeoutError), (
                "the connection ended after one of two replies, and send_lines waits for ever: connection_lost is the "
                "last call"
            )
            assert isinstance(found, ConnectionError), (
                f"the connection ended after one of two replies, and send_lines gave {found!r}, no ConnectionError"
            )
            assert took == 2, f"the connection ended after 2 s, and send_lines came back after {took:g} s"

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(5)
def test_nobody_listens(race):
    async def main():
        async with office() as telegraph:
            port = telegraph.port
        for lines in (["a"], []):
            found, _ = await tried(send_lines(port, lines))
            assert isinstance(found, ConnectionRefusedError), (
                f"nobody listens, and send_lines gave {found!r} for the lines {lines}: connect, ConnectionRefusedError"
            )

    race.explore(in_loop(main), order="any", schedules=2)


@pytest.mark.task(5)
@pytest.mark.parametrize("how", ["returns", "is cancelled", "raises"])
def test_the_sender_hangs_up(race, how):
    async def main():
        pieces = {"returns": b"one\n", "is cancelled": b"on", "raises": b"\xff\xff\n"}
        async with other_side(pieces[how], gap=2) as (port, heard):
            task = asyncio.create_task(send_lines(port, ["a"]))
            await asyncio.wait([task], timeout=3)
            if not task.done():
                assert how == "is cancelled", f"the reply is {pieces[how]}, and send_lines still waits"
                task.cancel()
            [found] = await asyncio.gather(task, return_exceptions=True)
            if isinstance(found, NotImplementedError):
                raise found
            ended = asyncio.get_running_loop().time()
            right = {"returns": list, "is cancelled": asyncio.CancelledError, "raises": Exception}[how]
            assert isinstance(found, right), f"send_lines {how}, and gave {found!r}"
            await asyncio.sleep(5)
            assert heard["ended"] is not None and heard["ended"] <= ended, (
                f"send_lines {how}, and its connection is still open: close it on every way out"
            )

    race.explore(in_loop(main), order="any", schedules=3)


@pytest.mark.task(5)
def test_the_other_side_reads_nothing(race):
    async def main():
        long, taken = "x" * 10_000_000, []

        async def serve(reader, writer):
            taken.append(Client(reader, writer))
            writer.transport.pause_reading()
            await asyncio.sleep(1)
            writer.write(b"one\n")

        server = await asyncio.start_server(serve, HOST, 0)
        found, took = await tried(send_lines(server.sockets[0].getsockname()[1], [long]))
        assert found == ["one"], (
            f"the other side replied without reading a long line, and send_lines gave {found!r} after {took:g} s: what "
            "has not been sent is no reason to wait"
        )
        await asyncio.sleep(1)
        server.close()
        for each in taken:
            each.writer.transport.resume_reading()
            came = len((await each.end())[0])
            assert came < len(long), (
                "the other side replied without reading a long line, and it was sent to its end after send_lines had "
                "come back: the connection is closed then, abort it"
            )
            each.writer.transport.abort()

    race.explore(in_loop(main), order="any", schedules=2)
