"""The hotel switchboard with a function at each lamp: what is registered says what is to be done."""

import selectors
import socket
from collections import deque
from collections.abc import Callable


class _Shut(Exception):
    """The door is shut."""


class _Gone(Exception):
    """The client is gone."""


def serve(door: socket.socket, selector: selectors.BaseSelector, answer: Callable[[bytes], bytes]) -> None:
    """Call what stands at each lamp that is lit."""
    clients: set[socket.socket] = set()

    def let_in(_: int) -> None:
        try:
            connection, _address = door.accept()
        except BlockingIOError:
            return
        except OSError as error:
            raise _Shut from error
        connection.setblocking(False)
        clients.add(connection)
        talk = _talk(connection, answer)
        watch(connection, talk.send, next(talk))

    def watch(connection: socket.socket, resume: Callable[[int], int], wanted: int) -> None:
        def attend(events: int) -> None:
            try:
                selector.modify(connection, resume(events), attend)
            except (StopIteration, _Gone):
                drop(connection)

        selector.register(connection, wanted, attend)

    def drop(connection: socket.socket) -> None:
        selector.unregister(connection)
        connection.close()
        clients.remove(connection)

    selector.register(door, selectors.EVENT_READ, let_in)
    try:
        while True:
            for key, events in selector.select():
                key.data(events)
    except _Shut:
        pass
    finally:
        selector.unregister(door)
        for connection in list(clients):
            drop(connection)


def _talk(connection: socket.socket, answer: Callable[[bytes], bytes]):  # type: ignore[no-untyped-def]
    """Yield what to wait for; get what is ready; end when the client has nothing more to say or to get."""
    line, queue, is_open = bytearray(), deque[memoryview](), True
    while is_open or queue:
        events = yield is_open * selectors.EVENT_READ | bool(queue) * selectors.EVENT_WRITE
        if events & selectors.EVENT_READ:
            piece = _gone(connection.recv, 10_000)
            is_open = bool(piece)
            line += piece
            while b"\n" in line:
                said, _, line = line.partition(b"\n")
                queue.append(memoryview(answer(bytes(said)) + b"\n"))
        if events & selectors.EVENT_WRITE:
            queue[0] = queue[0][_gone(connection.send, queue[0]) :]
            if not queue[0]:
                queue.popleft()


def _gone(call, argument):  # type: ignore[no-untyped-def]
    """Call it; tell who is gone from what `answer` raises."""
    try:
        return call(argument)
    except ConnectionError as error:
        raise _Gone from error
