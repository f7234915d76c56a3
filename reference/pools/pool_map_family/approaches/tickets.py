"""With `apply_async` alone: tickets in a list, or in a queue as they become ready."""

import queue
import threading


def develop_bundle(develop, rows):
    return [develop(*row) for row in rows]


def mixed(pool, develop, rows, bundle=1):
    rows = list(rows)
    bundles = [rows[at : at + bundle] for at in range(0, len(rows), bundle)]
    tickets = [pool.apply_async(develop_bundle, (develop, each)) for each in bundles]
    return [value for ticket in tickets for value in ticket.get()]


def album(pool, develop, films, bundle=1):
    return mixed(pool, develop, zip(films), bundle)


def in_turn(pool, develop, films):
    tickets = [pool.apply_async(develop, (film,)) for film in films]
    return (ticket.get() for ticket in tickets)


def as_ready(pool, develop, films):
    ready = queue.SimpleQueue()

    def fail(error):
        ready.put(("torn", error))

    tickets = [pool.apply_async(develop, (film,), {}, lambda value: ready.put(("fine", value)), fail) for film in films]
    for _ in tickets:
        how, value = ready.get()
        if how == "torn":
            raise value
        yield value


def later(pool, develop, films, call, complain):
    tickets = [pool.apply_async(develop, (film,)) for film in films]

    def wait():
        try:
            prints = [ticket.get() for ticket in tickets]
        except Exception as error:
            complain(error)
        else:
            call(prints)

    threading.Thread(target=wait).start()
