"""Each pair of neighbours keeps who has the right of way: whoever ate gives it to the other."""

from threading import Condition, RLock, Thread


class Philosopher(Thread):
    def __init__(self, seat, rounds, think, eat):
        super().__init__(name=f"seat {seat}")
        self.seat, self.rounds, self.think, self.eat = seat, rounds, think, eat
        self.is_hungry = self.is_eating = False
        self.has_right_of_way = {}  # over which neighbour
        self.neighbours = []
        self.guard = None

    def run(self):
        for _ in range(self.rounds):
            self.think(self.seat)
            with self.guard:
                self.is_hungry = True
                self.guard.wait_for(self.may_eat)
                self.is_hungry, self.is_eating = False, True
            self.eat(self.seat)
            with self.guard:
                self.is_eating = False
                for other in self.neighbours:
                    self.has_right_of_way[other], other.has_right_of_way[self] = False, True
                self.guard.notify_all()

    def may_eat(self):
        return not any(
            other.is_eating or (other.is_hungry and not self.has_right_of_way[other]) for other in self.neighbours
        )


def dine(seats, rounds, think, eat):
    guard = Condition(RLock())
    table = [Philosopher(seat, rounds, think, eat) for seat in range(seats)]
    for philosopher in table:
        seat = philosopher.seat
        philosopher.guard = guard
        philosopher.neighbours = [table[seat - 1], table[(seat + 1) % seats]]
        for other in philosopher.neighbours:
            philosopher.has_right_of_way[other] = seat < other.seat  # no circle to begin with
    for philosopher in table:
        philosopher.start()
    for philosopher in table:
        philosopher.join()
