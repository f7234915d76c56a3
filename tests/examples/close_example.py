import threading


class Line:
    def __init__(self):
        self.is_open, self.sent = True, []
        self.lock = threading.Lock()

    def send(self, word):
        with self.lock:
            if not self.is_open:
                raise RuntimeError("the line is closed")
            self.sent.append(word)

    def close(self):
        with self.lock:
            self.is_open = False


def test_send_while_it_is_closed(race):
    def scenario():
        line = Line()
        race.run(lambda: line.send("hello"), line.close)
        assert line.sent == ["hello"]

    race.explore(scenario)
