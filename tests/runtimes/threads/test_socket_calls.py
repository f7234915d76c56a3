"""Calls of sockets that are seldom made: in a run they answer what they answer else."""

import errno
import os
import select
import socket
import socketserver
import threading
import time
from typing import Any

from controlled import outcomes, value_of

HERE = ("127.0.0.1", 0)


def datagrams() -> socket.socket:
    """Return a socket for datagrams that has an address."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(HERE)
    return made


def test_who_has_connected_datagrams_sends_without_an_address() -> None:
    def scenario() -> list[bytes]:
        with datagrams() as box, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect(box.getsockname())

            def send() -> None:
                sender.send(b"sent")
                sender.send(b"")
                sender.send(b"with flags", 0)
                sender.sendall(b"whole")
                sender.sendmsg([b"in ", b"parts"])

            sending = threading.Thread(target=send)
            sending.start()
            got = [box.recv(100) for _ in range(5)]
            sending.join()
        return got

    assert value_of(scenario) == [b"sent", b"", b"with flags", b"whole", b"in parts"]


def test_datagrams_to_one_address_come_in_every_order_however_they_are_sent() -> None:
    def scenario() -> list[bytes]:
        with datagrams() as box, datagrams() as ann, datagrams() as ben:
            ann.connect(box.getsockname())
            senders = [
                threading.Thread(target=ann.send, args=(b"ann",)),
                threading.Thread(target=ben.sendmsg, args=([b"ben"], [], 0, box.getsockname())),
            ]
            for each in senders:
                each.start()
            got = [box.recv(100) for _ in senders]
            for each in senders:
                each.join()
        return got

    assert outcomes(scenario) == {"[b'ann', b'ben']", "[b'ben', b'ann']"}


def test_who_asks_for_nothing_is_answered_at_once() -> None:
    def scenario() -> list[Any]:
        here, there = socket.socketpair()
        with here, there:
            nothing = [here.recv(0), here.recv_into(bytearray()), here.recv_into(buffer=bytearray(), nbytes=0)]
            threading.Thread(target=there.send, args=(b"some",)).start()
            return [*nothing, here.recv_into(buffer=bytearray(9), nbytes=2), here.recv(9), here.recv(0)]

    assert value_of(scenario) == [b"", 0, 0, 2, b"me", b""]


def test_select_refuses_what_is_no_time() -> None:
    def scenario() -> list[str]:
        here, there = socket.socketpair()
        said = []
        with here, there:
            for limit in (-1, -0.5, float("nan"), "soon"):
                try:
                    select.select([here], [], [], limit)  # type: ignore[arg-type] # that is what is tried
                except (TypeError, ValueError) as error:
                    said.append(str(error))
        return said

    assert value_of(scenario) == scenario()
    assert len(scenario()) == 4


def test_what_comes_out_of_band_is_not_waited_for() -> None:
    def scenario() -> list[Any]:
        with socket.create_server(HERE) as door, socket.create_connection(door.getsockname()) as client:
            server, _ = door.accept()
            with server:
                client.send(b"!", socket.MSG_OOB)
                got: list[Any] = [server.recv(1, socket.MSG_OOB)]
                try:
                    server.recv(1, socket.MSG_OOB)
                except OSError as error:
                    got.append(error.errno)
        return got

    assert value_of(scenario) == [b"!", errno.EINVAL]


def test_select_and_epoll_refuse_and_give_what_they_do_else() -> None:
    def scenario() -> list[Any]:
        said: list[Any] = []
        wrongs: list[Any] = [["text"], 1, [-1]]
        for wrong in wrongs:
            try:
                select.select(wrong, [], [])
            except (TypeError, ValueError) as error:
                said.append(str(error))
        here, there = socket.socketpair()
        with here, there, select.epoll() as one, select.epoll.fromfd(os.dup(one.fileno())) as same:
            one.register(there, select.EPOLLIN)
            here.send(b"x")
            said.append(len(same.poll(1)))
        return said

    assert value_of(scenario) == scenario()


def test_a_server_waits_for_one_request_as_long_as_it_may() -> None:
    def scenario() -> tuple[str, float]:
        class Server(socketserver.TCPServer):
            timeout = 60
            told = "asked"

            def handle_timeout(self) -> None:
                self.told = "gave up"

        with Server(HERE, socketserver.BaseRequestHandler) as server:
            began = time.monotonic()
            server.handle_request()
            given_up, waited = server.told, time.monotonic() - began
            server.told = "asked"
            address: Any = server.server_address
            client = threading.Thread(target=lambda: socket.create_connection(address).close())
            client.start()
            server.handle_request()
            client.join()
        return f"{given_up}, {server.told}", waited

    assert value_of(scenario) == ("gave up, asked", 60)
