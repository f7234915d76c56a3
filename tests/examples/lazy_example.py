import threading


class Config:
    def __init__(self):
        self.values = None

    def get(self, name):
        if self.values is None:
            self.values = {}
            self.values.update(colour="red")  # as if read from a file
        return self.values[name]


def test_first_use_by_two_threads():
    config, seen = Config(), []
    readers = [threading.Thread(target=lambda: seen.append(config.get("colour"))) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert seen == ["red", "red"]
