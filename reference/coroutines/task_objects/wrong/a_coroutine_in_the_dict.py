"""Keep coroutines, and begin them when somebody waits."""

import asyncio


class Workshop:
    def __init__(self, board):
        self._board = board
        self._jobs = {}
        self._tasks = {}

    def begin(self, name, job):
        self._jobs[name] = job()

    def look(self, name):
        task = self._tasks.get(name)
        if task is None or not task.done():
            return "under way", None
        if task.cancelled():
            return "called off", None
        if task.exception():
            return "failed", task.exception()
        return "done", task.result()

    def call_off(self, name):
        return name in self._tasks and self._tasks[name].cancel()

    async def wait(self, seconds):
        for name, job in self._jobs.items():
            self._tasks[name] = asyncio.ensure_future(job)
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=seconds)
        return [name for name in self._tasks if not self._tasks[name].done()]
