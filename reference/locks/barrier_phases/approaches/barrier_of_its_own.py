"""A barrier made of a condition, with a number for each round; whoever comes last puts up the tent."""

import threading


class Meeting:
    def __init__(self, parties, action):
        self.parties, self.action = parties, action
        self.arrived = self.round = 0
        self.is_broken = False
        self.changed = threading.Condition()

    def wait(self, patience):
        with self.changed:
            if self.is_broken:
                raise threading.BrokenBarrierError
            mine = self.round
            self.arrived += 1
            if self.arrived == self.parties:
                self.call_action(mine)
            elif not self.changed.wait_for(lambda: self.round > mine or self.is_broken, patience):
                self.break_up()
            if self.round == mine:
                raise threading.BrokenBarrierError

    def call_action(self, mine):
        try:
            self.action(mine)
        except Exception:
            self.break_up()
            raise
        self.arrived = 0
        self.round += 1
        self.changed.notify_all()

    def break_up(self):
        self.is_broken = True
        self.changed.notify_all()

    def abort(self):
        with self.changed:
            self.break_up()


def climb(climbers, stages, go, camp, patience=None):
    meeting = Meeting(climbers, camp)
    errors = []

    def work(climber):
        try:
            for stage in range(stages):
                go(climber, stage)
                meeting.wait(patience)
        except threading.BrokenBarrierError:
            pass
        except Exception as error:
            errors.append(error)
            meeting.abort()

    threads = [threading.Thread(target=work, args=(climber,)) for climber in range(climbers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    if meeting.is_broken:
        raise TimeoutError("too late")
