import threading


class Stack:
    def __init__(self):
        self.items, self.lock = [], threading.Lock()

    def push(self, item):
        with self.lock:
            self.items.append(item)

    def pop(self):
        with self.lock:
            return self.items.pop() if self.items else None

    def swap(self, item):
        last = self.pop()
        self.push(item)
        return last


def test_stack(race):
    race.linearizable(Stack, [[("swap", 1), ("pop",)], [("push", 2)]])
