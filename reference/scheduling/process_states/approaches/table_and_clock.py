"""No queue and no pointer: a table of moves, and the moment at which each process became ready."""

import copy
from dataclasses import dataclass, field


class IllegalMove(Exception):
    pass


@dataclass
class Cpu:
    registers: dict = field(default_factory=dict)


@dataclass(eq=False)
class Process:
    pid: int
    state: str = "new"
    registers: dict = field(default_factory=dict)


MOVES = {
    "admit": ("new", "ready"),
    "preempt": ("running", "ready"),
    "block": ("running", "blocked"),
    "wake": ("blocked", "ready"),
    "exit": ("running", "terminated"),
}


class System:
    def __init__(self, cpu):
        self.cpu = cpu
        self.all = []
        self.clock = 0
        self.since = {}
        for name in MOVES:
            setattr(self, name, lambda process, name=name: self.make(name, process))

    def create(self):
        self.all.append(Process(len(self.all) + 1))
        return self.all[-1]

    def make(self, name, process):
        before, after = MOVES[name]
        if process.state != before:
            raise IllegalMove(name, process.state)
        self.clock += 1
        self.since[process.pid] = self.clock
        if before == "running":
            process.registers = copy.copy(self.cpu.registers)
        process.state = after

    def dispatch(self):
        ready = [each for each in self.all if each.state == "ready"]
        if not ready or any(each.state == "running" for each in self.all):
            raise IllegalMove("dispatch")
        chosen = min(ready, key=lambda each: self.since[each.pid])
        chosen.state = "running"
        self.cpu.registers.clear()
        self.cpu.registers.update(chosen.registers)
        return chosen
