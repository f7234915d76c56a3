"""Has no locks at all."""



class Account:
    def __init__(self, balance):
        self.balance = balance


def transfer(source, target, amount, confirm):
    if source.balance < amount or not confirm():
        return False
    source.balance -= amount
    target.balance += amount
    return True


def total(accounts):
    return sum(account.balance for account in accounts)
