import threading


class Log:
    def __init__(self):
        self.lock, self.lines = threading.Lock(), []

    def write(self, what):
        with self.lock:
            self.lines.append(str(what))


class Disk:
    def __init__(self, log):
        self.lock, self.log = threading.RLock(), log

    def format(self):
        with self.lock:
            self.log.write("formatting")

    def __str__(self):
        with self.lock:
            return "disk"


def test_format_while_somebody_logs(race):
    def scenario():
        log = Log()
        disk = Disk(log)
        race.run(disk.format, lambda: log.write(disk))

    race.explore(scenario)
