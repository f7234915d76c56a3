"""Two lists, and a question before each pop."""


class History:
    def __init__(self):
        self.done = []
        self.undone = []

    def record(self, step):
        self.done.append(step)
        self.undone = []

    def undo(self, default=None):
        if not self.done:
            return default
        step = self.done.pop()
        self.undone.append(step)
        return step

    def redo(self, default=None):
        if not self.undone:
            return default
        step = self.undone.pop()
        self.done.append(step)
        return step

    def undo_all(self):
        steps = []
        while self.done:
            steps.append(self.undo())
        return steps
