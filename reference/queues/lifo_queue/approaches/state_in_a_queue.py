"""No lock: both piles, pairs that nobody changes, lie in a queue for one item; whoever has taken it out may work."""

import queue


class History:
    def __init__(self):
        self.state = queue.SimpleQueue()
        self.state.put(((), ()))

    def record(self, step):
        done, _ = self.state.get()
        self.state.put(((step, done), ()))

    def undo(self, default=None):
        done, undone = self.state.get()
        if not done:
            self.state.put((done, undone))
            return default
        step, rest = done
        self.state.put((rest, (step, undone)))
        return step

    def redo(self, default=None):
        done, undone = self.state.get()
        if not undone:
            self.state.put((done, undone))
            return default
        step, rest = undone
        self.state.put(((step, done), rest))
        return step

    def undo_all(self):
        done, undone = self.state.get()
        steps = []
        while done:
            step, done = done
            undone = (step, undone)
            steps.append(step)
        self.state.put((done, undone))
        return steps
