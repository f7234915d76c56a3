import socket
import socketserver
import threading


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        if self.rfile.readline() == b"stop\n":
            self.server.shutdown()


def test_a_client_stops_the_server(race):
    def scenario():
        with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
            serving = threading.Thread(target=server.serve_forever, name="server")
            serving.start()
            with socket.create_connection(server.server_address) as client:
                client.sendall(b"stop\n")
            serving.join()

    race.explore(scenario, schedules=50)
