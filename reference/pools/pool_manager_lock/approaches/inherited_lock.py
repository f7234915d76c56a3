"""A plain lock after all: each worker gets it when it is started, by the initializer."""

LOCKS = []


def take_along(lock):
    """Be the initializer; LOCKS.append is none: under spawn it is pickled with a copy of the list."""
    LOCKS.append(lock)


def break_scale():
    return ["B: until weigh:20", "A: to the end", "C: until weigh:20", "C: to the end"]


def grind_and_weigh(lock, grind, weigh, bag):
    flour = grind(bag)
    lock.acquire()
    try:
        return weigh(flour)
    finally:
        lock.release()


def job(grind, weigh, bag):
    return grind_and_weigh(LOCKS[-1], grind, weigh, bag)


def mill(context, millers, grind, weigh, bags):
    pool = context.Pool(millers, take_along, (context.Lock(),))
    try:
        tickets = [pool.apply_async(job, (grind, weigh, bag)) for bag in bags]
        pool.close()
        return [ticket.get() for ticket in tickets]
    finally:
        pool.terminate()
        pool.join()
