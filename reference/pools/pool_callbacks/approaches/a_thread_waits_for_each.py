"""Without callbacks: a thread for each guest waits for his ticket, and serves him."""

import threading


class Waiter(threading.Thread):
    def __init__(self, guest, ticket, breakfast, apologise):
        super().__init__()
        self.guest, self.ticket, self.breakfast, self.apologise = guest, ticket, breakfast, apologise
        self.served = self.error = None

    def run(self):
        try:
            self.serve()
        except BaseException as error:
            self.error = error

    def serve(self):
        self.ticket.wait()
        if self.ticket.successful():
            self.served = self.breakfast(self.guest, self.ticket.get())
            return
        try:
            self.ticket.get()
        except Exception as raised:
            error = raised
        self.served = self.apologise(self.guest, error)


def wake_all(context, porters, wake, guests, breakfast, apologise):
    guests = list(guests)
    pool = context.Pool(porters)
    waiters = [Waiter(guest, pool.apply_async(wake, (guest,)), breakfast, apologise) for guest in guests]
    pool.close()
    for waiter in waiters:
        waiter.start()
    for waiter in waiters:
        waiter.join()
    pool.join()
    for waiter in waiters:
        if waiter.error is not None:
            raise waiter.error
    return [waiter.served for waiter in waiters]
