import threading

import pytest


class Ids:
    def __init__(self):
        self.last, self.lock = 0, threading.Lock()

    def fresh(self):
        with self.lock:
            self.last += 1
            return self.last


@pytest.mark.race(require="proved")
def test_ids_differ():
    ids, seen = Ids(), []
    clerks = [threading.Thread(target=lambda: seen.append(ids.fresh())) for _ in range(2)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    assert sorted(seen) == [1, 2]
