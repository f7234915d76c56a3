"""Each waiter has a bell of its own and stands in a line; whoever makes it possible does *for* it what it waits for."""

import threading
from collections import deque


class Waiter:
    def __init__(self, letter=None):
        self.letter = letter
        self.served = False
        self.bell = threading.Event()

    def serve(self):
        self.served = True
        self.bell.set()


class Mailbox:
    def __init__(self, size=0):
        self.size = size
        self.lock = threading.Lock()
        self.letters = deque()
        self.takers = deque()  # only while there is no letter
        self.posters = deque()  # only while the box is full

    def enter(self, letter):
        if self.takers:
            taker = self.takers.popleft()
            taker.letter = letter
            taker.serve()
        elif self.size and len(self.letters) >= self.size:
            return False
        else:
            self.letters.append(letter)
        return True

    def let_posters_in(self):
        while self.posters and len(self.letters) < self.size:
            poster = self.posters.popleft()
            self.letters.append(poster.letter)
            poster.serve()

    def wait(self, line, waiter, seconds):
        waiter.bell.wait(seconds)
        with self.lock:
            if not waiter.served:
                line.remove(waiter)
            return waiter.served

    def post_within(self, letter, seconds):
        with self.lock:
            if self.enter(letter):
                return True
            poster = Waiter(letter)
            self.posters.append(poster)
        return self.wait(self.posters, poster, seconds)

    def post(self, letter):
        self.post_within(letter, None)

    def post_now(self, letter):
        with self.lock:
            return self.enter(letter)

    def take_within(self, seconds, default=None):
        with self.lock:
            if self.letters:
                letter = self.letters.popleft()
                self.let_posters_in()
                return letter
            taker = Waiter()
            self.takers.append(taker)
        return taker.letter if self.wait(self.takers, taker, seconds) else default

    def take(self):
        return self.take_within(None)

    def take_now(self, default=None):
        with self.lock:
            if not self.letters:
                return default
            letter = self.letters.popleft()
            self.let_posters_in()
            return letter

    def take_all(self):
        with self.lock:
            letters = list(self.letters)
            self.letters.clear()
            self.let_posters_in()
            return letters
