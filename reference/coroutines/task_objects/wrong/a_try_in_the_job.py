"""Tell the board from the job itself, in a `try`."""

import asyncio


class Workshop:
    def __init__(self, board):
        self._board = board
        self._tasks = {}

    def begin(self, name, job):
        async def noted():
            how, what = "called off", None
            try:
                what = await job()
                how = "done"
                return what
            except Exception as error:
                how, what = "failed", error
                raise
            finally:
                self._board(name, how, what)

        self._tasks[name] = asyncio.create_task(noted())

    def look(self, name):
        task = self._tasks[name]
        if not task.done():
            return "under way", None
        if task.cancelled():
            return "called off", None
        if task.exception():
            return "failed", task.exception()
        return "done", task.result()

    def call_off(self, name):
        return self._tasks[name].cancel()

    async def wait(self, seconds):
        tasks = dict(self._tasks)
        if tasks:
            await asyncio.wait(tasks.values(), timeout=seconds)
        errors = [self.look(name)[1] for name in tasks if self.look(name)[0] == "failed"]
        if errors:
            raise ExceptionGroup("failed", errors)
        return [name for name, task in tasks.items() if not task.done()]
