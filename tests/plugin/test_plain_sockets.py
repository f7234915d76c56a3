"""Plain tests that wait for ever at sockets are told; a server that waits for a stranger is left alone."""

import re
import sys

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who has the other end of a socket"),
]

SERVER = """
    import contextlib, os, socket, socketserver, subprocess, sys, threading

    import pytest

    def answer(connection):
        with connection:
            while data := connection.recv(100):
                connection.sendall(data.upper())

    def serve(listener, is_patient=False):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            worker = threading.Thread(target=answer, args=(connection,), name="worker", daemon=True)
            worker.start()
            if is_patient:
                worker.join()

    @pytest.fixture
    def listener():
        with socket.create_server(("127.0.0.1", 0)) as listener:
            yield listener
            with contextlib.suppress(OSError):  # a test has done that
                listener.shutdown(socket.SHUT_RDWR)

    def asks(client, letter):
        client.sendall(letter)
        return client.recv(1)

    def two_clients(listener, **kwargs):
        threading.Thread(target=serve, args=(listener,), kwargs=kwargs, name="server", daemon=True).start()
        with socket.create_connection(listener.getsockname()) as one:
            assert asks(one, b"x") == b"X"
            with socket.create_connection(listener.getsockname()) as two:
                assert asks(two, b"y") == b"Y"
"""
STUCK = """
    def test_joins_in_the_accept_loop(listener):
        two_clients(listener, is_patient=True)

    def test_both_read():
        one, two = socket.socketpair()
        with one, two:
            one.recv(1)

    def test_nobody_reads():
        one, two = socket.socketpair()
        with one, two:
            one.sendall(b"x" * 10_000_000)

    def test_line_without_an_end():
        one, two = socket.socketpair()
        with one, two:
            two.sendall(b"half a line")
            one.makefile("r").readline()

    def test_no_flags():
        one, two = socket.socketpair()
        with one, two:
            one.recv_into(bytearray(64 + 1), 64 + 1)  # a number of bytes

    def test_not_let_in():
        name = f"\\0door of {os.getpid()}"
        with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
            listener.bind(name)
            listener.listen()
            client.connect(name)
            client.recv(1)

    def test_closed_by_another_thread():
        one, two = socket.socketpair()
        with one, two:
            reader = threading.Thread(target=one.recv, args=(1,), name="reader")
            reader.start()
            while not any("in_slices" in frame for frame in stack_of(reader)):
                pass
            one.close()
            reader.join()

    def stack_of(thread):
        frame = sys._current_frames().get(thread.ident)
        while frame is not None:
            yield frame.f_code.co_qualname
            frame = frame.f_back

    def test_the_first_that_is_ended_lets_the_test_go_on():
        one, two = socket.socketpair()

        def keep():
            with one:
                one.recv(1)

        threading.Thread(target=keep, name="keeper").start()
        with two:
            assert two.recv(1) == b""

    class Silent(socketserver.StreamRequestHandler):
        def handle(self):
            self.rfile.readline()

    def test_silent_handler():
        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Silent) as server:
            threading.Thread(target=server.serve_forever, name="server").start()
            with socket.create_connection(server.server_address) as client:
                try:
                    client.recv(1)
                finally:
                    server.shutdown()
"""
WORDS = {
    "joins_in_the_accept_loop": ["main waits in socket.recv on the socket to 127.0.0.1:",
                                 "server waits in Thread.join on thread worker", "worker waits in socket.recv"],
    "both_read": ["main waits in socket.recv on a pair of sockets"],
    "nobody_reads": ["main waits in socket.send on a pair of sockets"],
    "line_without_an_end": ["main waits in socket.recv_into on a pair of sockets", "the other side sends nothing more"],
    "no_flags": ["main waits in socket.recv_into on a pair of sockets"],
    "not_let_in": ["main waits in socket.recv on the socket at @door of"],
    "closed_by_another_thread": ["main waits in Thread.join on thread reader", "reader waits in socket.recv on a"],
    "the_first_that_is_ended_lets_the_test_go_on": ["deadlock: main, keeper wait for ever"],
    "silent_handler": ["main waits in socket.recv on the socket to", "waits in socket.recv_into on the socket to"],
}  # fmt: skip
RIGHT = """
    A_WHILE = 1.6  # seconds: longer than it takes to tell a hang

    def test_right_server(listener):
        two_clients(listener)

    def test_much_is_sent():
        one, two = socket.socketpair()
        with one, two:
            sender = threading.Thread(target=one.sendall, args=(b"x" * 10_000_000,))
            sender.start()
            received = 0
            while received < 10_000_000:
                received += len(two.recv(1 << 16))
            sender.join()

    def test_who_will_not_wait():
        one, two = socket.socketpair()
        with one, two:
            with pytest.raises(BlockingIOError):
                one.recv(1, socket.MSG_DONTWAIT)
            with pytest.raises(BlockingIOError):
                while one.send(b"x" * 10_000, socket.MSG_DONTWAIT):
                    pass

    def test_who_asks_for_nothing_is_answered_at_once():
        one, two = socket.socketpair()
        with one, two:
            assert (one.recv(0), one.recv_into(bytearray())) == (b"", 0)
            with pytest.raises(ValueError, match="negative"):
                one.recv(-1)

    def test_a_server_waits_for_a_stranger(listener):
        server = threading.Thread(target=serve, args=(listener,), daemon=True)
        server.start()
        threading.Timer(A_WHILE, listener.shutdown, (socket.SHUT_RDWR,)).start()
        server.join()

    CLIENT = '''
    import socket, sys, time
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as client:
        time.sleep(float(sys.argv[2]))
        client.sendall(b"x")
    '''

    def test_a_stranger_is_slow(listener, tmp_path):
        script = tmp_path / "client.py"
        script.write_text(__import__("textwrap").dedent(CLIENT))
        port = listener.getsockname()[1]
        subprocess.run(["sh", "-c", f"{sys.executable} {script} {port} {A_WHILE} &"], check=True)
        connection, _ = listener.accept()
        with connection:
            assert connection.recv(1) == b"x"

    def test_a_datagram_may_come_from_anywhere():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.bind(("127.0.0.1", 0))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two:
                threading.Timer(A_WHILE, two.sendto, (b"x", one.getsockname())).start()
                assert one.recv(1) == b"x"
"""


def test_who_waits_at_a_socket_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SERVER + STUCK)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=9)
    parts = re.split(r"^_+ test_(\w+) _+$", result.stdout.str(), flags=re.MULTILINE)
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        told = " ".join(text.split())
        assert [words for words in WORDS[name] if words not in told] == [], text


def test_nothing_is_told_while_somebody_could_send(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SERVER + RIGHT)
    pytester.runpytest_subprocess().assert_outcomes(passed=7)


FIXTURES = """
    import contextlib, socket

    import pytest

    from pytest_concurrency import DeadlockFound

    def lets_go_on():
        one, two = socket.socketpair()
        with one, two, contextlib.suppress(DeadlockFound):
            one.recv(1)

    @pytest.fixture
    def before():
        lets_go_on()

    @pytest.fixture
    def after():
        yield
        lets_go_on()

    def test_first(before):
        pass

    def test_second(after):
        pass

    def test_third():
        pass
"""


def test_a_fixture_that_swallows_a_verdict_is_told_and_no_other_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FIXTURES)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=2, passed=2)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at setup of test_first*",
            "deadlock: main waits for ever",
            "*ERROR at teardown of test_second*",
            "deadlock: main waits for ever",
        ]
    )
