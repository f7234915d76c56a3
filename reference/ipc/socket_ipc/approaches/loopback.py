"""A file without a buffer over the socket, and a connection over loopback instead of a pair."""

import socket
import struct
from multiprocessing import Process


def send_text(sock, text):
    content = text.encode()
    sock.sendall(struct.pack(">L", len(content)))
    sock.sendall(content)


def read(sock, count):
    with sock.makefile("rb", buffering=0) as file:
        content = b""
        while len(content) < count and (piece := file.read(count - len(content))):
            content += piece
        return content


def receive_text(sock):
    header = read(sock, 4)
    if header == b"":
        return None
    if len(header) < 4:
        raise EOFError("inside the length")
    (count,) = struct.unpack(">L", header)
    content = read(sock, count)
    if len(content) < count:
        raise EOFError("inside the text")
    return content.decode()


def converse(texts, answer):
    with socket.create_server(("127.0.0.1", 0)) as server:
        process = Process(target=connect, args=(server, answer))
        process.start()
        sock, _ = server.accept()
    try:
        with sock:
            return [ask(sock, text) for text in texts]
    finally:
        process.join()


def ask(sock, text):
    try:
        send_text(sock, text)
        if (came := receive_text(sock)) is not None:
            return came
    except (BrokenPipeError, ConnectionResetError):
        pass
    raise EOFError


def connect(server, answer):
    address = server.getsockname()
    server.close()
    with socket.create_connection(address) as sock:
        while (text := receive_text(sock)) is not None:
            send_text(sock, answer(text))
