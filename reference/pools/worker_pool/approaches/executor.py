"""An executor has it all but the callbacks with a status, and the list of errors."""

from concurrent.futures import ThreadPoolExecutor


class WorkerPool:
    def __init__(self, most):
        self.pool = ThreadPoolExecutor(most)
        self.errors = []

    def run(self, job, args=(), callback=None):
        self.pool.submit(self.attempt, job, args, self.note if callback is None else callback)

    def note(self, fine, error):
        if not fine:
            self.errors.append(error)

    def attempt(self, job, args, callback):
        try:
            fine, result = True, job(*args)
        except BaseException as error:
            fine, result = False, error
        try:
            callback(fine, result)
        except BaseException as error:
            self.errors.append(error)

    def close(self):
        self.pool.shutdown()
        return self.errors.copy()

    def terminate(self):
        self.pool.shutdown(cancel_futures=True)
        return self.errors.copy()
