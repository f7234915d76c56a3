"""A class attribute is the value of all threads that have not set one; nothing is left when it is deleted."""

import threading


class Card(threading.local):
    user = None


card = Card()


def current_user():
    return card.user


def handle(user, view):
    outer = card.__dict__.get("user")
    card.user = user
    try:
        answer = view()
    finally:
        if outer is None:
            del card.user
        else:
            card.user = outer
    return answer
