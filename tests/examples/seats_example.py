import asyncio


class Hall:
    def __init__(self, seats):
        self.seats = seats

    async def book(self):
        if self.seats > 0:
            await asyncio.sleep(0)  # asks the bank
            self.seats -= 1


def test_nobody_gets_a_seat_twice(race):
    async def scenario():
        hall = Hall(seats=1)
        await race.run(hall.book(), hall.book())
        assert hall.seats == 0

    race.explore(scenario)
