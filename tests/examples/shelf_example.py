class Shelf:
    def __init__(self):
        self.books = 1

    def lend(self):
        if self.books > 0:
            self.books -= 1


def test_one_book_is_lent_once(race):
    def scenario():  # made anew for each order
        shelf = Shelf()
        race.run(shelf.lend, shelf.lend)
        assert shelf.books == 0

    race.explore(scenario)
