"""One token in a manager's queue: who weighs has it; `with` for whatever can be got and put back."""

import contextlib


def break_scale():
    return ["C: until weigh:19", "A: to the end", "B: until weigh:19", "C: to the end", "B: to the end"]


class Token:
    def __init__(self, queue):
        self.queue = queue

    def acquire(self):
        return self.queue.get()

    def release(self):
        self.queue.put(None)


def grind_and_weigh(lock, grind, weigh, bag):
    flour = grind(bag)
    with contextlib.ExitStack() as stack:
        lock.acquire()
        stack.callback(lock.release)
        return weigh(flour)


def job(rest):
    return grind_and_weigh(*rest)


def mill(context, millers, grind, weigh, bags):
    with context.Manager() as manager:
        token = Token(manager.Queue())
        token.release()
        with context.Pool(millers) as pool:
            return list(pool.imap(job, [(token, grind, weigh, bag) for bag in bags]))
