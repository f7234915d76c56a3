class Account:
    def __init__(self, balance):
        self.balance = balance

    def withdraw(self, amount):
        if self.balance >= amount:
            self.balance -= amount


def test_nobody_overdraws(race):
    def scenario():  # called once per schedule: fresh state inside
        account = Account(100)
        race.run(lambda: account.withdraw(70), lambda: account.withdraw(70))
        assert account.balance >= 0

    race.explore(scenario)
