import threading


class Account:
    def __init__(self, number, balance):
        self.number, self.balance = number, balance
        self.lock = threading.Lock()


def transfer(source, target, amount):
    with source.lock, target.lock:
        source.balance -= amount
        target.balance += amount


def test_there_and_back(race):
    def scenario():
        ann, ben = Account(1, 100), Account(2, 100)
        race.run(lambda: transfer(ann, ben, 30), lambda: transfer(ben, ann, 20))
        assert (ann.balance, ben.balance) == (90, 110)

    race.explore(scenario)
