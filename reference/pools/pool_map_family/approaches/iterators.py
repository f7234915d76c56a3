"""Everything from iterators, which make bundles as well."""

import threading
from functools import partial


def spread(develop, row):
    return develop(*row)


def album(pool, develop, films, bundle=1):
    return [*pool.imap(develop, films, chunksize=bundle)]


def mixed(pool, develop, rows, bundle=1):
    return [*pool.imap(partial(spread, develop), rows, chunksize=bundle)]


def in_turn(pool, develop, films):
    yield from pool.imap(develop, films)


def numbered(develop, film):
    return develop(film)


def as_ready(pool, develop, films):
    yield from pool.imap_unordered(partial(numbered, develop), films)


class Caller(threading.Thread):
    def __init__(self, prints, call, complain):
        super().__init__()
        self.prints, self.call, self.complain = prints, call, complain

    def run(self):
        try:
            prints = list(self.prints)
        except Exception as error:
            self.complain(error)
            return
        self.call(prints)


def later(pool, develop, films, call, complain):
    Caller(pool.imap(develop, films), call, complain).start()
