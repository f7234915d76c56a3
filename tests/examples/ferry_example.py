import socket
import threading


def answer(passenger):
    with passenger:
        word = passenger.recv(100)
        passenger.sendall(word.upper())


def serve(door, passengers):
    for _ in range(passengers):
        passenger, _ = door.accept()
        talk = threading.Thread(target=answer, args=(passenger,))
        talk.start()
        talk.join()


def test_ben_does_not_wait_for_ann(race):
    def scenario():
        with socket.create_server(("127.0.0.1", 0)) as door:
            server = threading.Thread(target=serve, args=(door, 2), name="server")
            server.start()
            ann = socket.create_connection(door.getsockname())
            ben = socket.create_connection(door.getsockname())
            with ann, ben:
                ben.sendall(b"row")
                assert ben.recv(100) == b"ROW"
            server.join()

    race.explore(scenario)
