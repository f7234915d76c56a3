import threading

import pytest


class Pool:
    def __init__(self, connect, limit):
        self.connect, self.limit = connect, limit
        self.made = []

    def get(self):
        if len(self.made) < self.limit:
            self.made.append(self.connect())
            return self.made[-1]
        return None  # all are in use


@pytest.mark.race
def test_the_limit_holds():
    pool = Pool(connect=object, limit=1)
    clerks = [threading.Thread(target=pool.get, name=name) for name in ("Ann", "Ben")]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    assert len(pool.made) <= 1
