import gevent


class Harbour:
    def __init__(self, boats):
        self.boats = boats

    def rent(self):
        if self.boats > 0:
            gevent.sleep(60)  # asks the bank
            self.boats -= 1


def test_no_boat_is_rented_twice(race):
    def scenario():
        harbour = Harbour(boats=1)
        gevent.joinall([gevent.spawn(harbour.rent), gevent.spawn(harbour.rent)])
        assert harbour.boats >= 0

    race.explore(scenario)
