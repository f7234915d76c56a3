"""Write down how each job has ended, and keep no task."""

import asyncio


class Workshop:
    def __init__(self, board):
        self._board = board
        self._stands = {}
        self._cancel = {}
        self._ended = {}

    def begin(self, name, job):
        ended = self._ended[name] = asyncio.Event()
        stands = self._stands
        stands[name] = ("under way", None)
        board = self._board

        def note(task):
            if task.cancelled():
                stands[name] = ("called off", None)
            elif task.exception():
                stands[name] = ("failed", task.exception())
            else:
                stands[name] = ("done", task.result())
            ended.set()
            board(name, *stands[name])

        asyncio.create_task(job()).add_done_callback(note)

    def look(self, name):
        return self._stands[name]

    def call_off(self, name):
        return False

    async def wait(self, seconds):
        names = list(self._stands)
        for name in names:
            await self._ended[name].wait()
        errors = [self._stands[name][1] for name in names if self._stands[name][0] == "failed"]
        if errors:
            raise ExceptionGroup("failed", errors)
        return []
