"""One thread has the line, and others leave their questions with it; a child closes what it finds open."""

import gc
import pickle
import queue
import threading
from concurrent.futures import Future
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection


class Line:
    def __init__(self, answer):
        self._end, there = Pipe()
        self._process = Process(target=answer_all, args=(there, answer))
        self._process.start()
        there.close()
        self._questions = queue.Queue()
        self._asker = threading.Thread(target=self._ask_all, daemon=True)
        self._asker.start()

    def ask(self, question):
        waiting = Future()
        self._questions.put((pickle.dumps(question), waiting))
        return pickle.loads(waiting.result())

    def _ask_all(self):
        while (asked := self._questions.get()) is not None:
            question, waiting = asked
            try:
                self._end.send_bytes(question)
                waiting.set_result(self._end.recv_bytes())
            except (OSError, EOFError):
                waiting.set_exception(EOFError())

    def close(self):
        self._questions.put(None)
        self._asker.join()
        self._end.close()
        self._process.join()
        return self._process.exitcode


def answer_all(end, answer):
    for found in gc.get_objects():
        if isinstance(found, Connection) and found is not end and not found.closed:
            found.close()
    while True:
        try:
            question = end.recv()
        except EOFError:
            break
        end.send(answer(question))
