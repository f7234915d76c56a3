"""A subclass of local: its __init__ runs anew in each thread that comes by."""

from contextlib import contextmanager
from threading import local


class Counter(local):
    def __init__(self):
        self.users = []

    @contextmanager
    def serving(self, user):
        self.users.append(user)
        try:
            yield
        finally:
            self.users.pop()


counter = Counter()


def current_user():
    return counter.users[-1] if counter.users else None


def handle(user, view):
    with counter.serving(user):
        return view()
