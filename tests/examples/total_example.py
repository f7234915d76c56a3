import threading


class Shelf:
    def __init__(self, books):
        self.books, self.lock = books, threading.Lock()


class Library:
    def __init__(self):
        self.shelves = [Shelf(2), Shelf(3)]

    def move(self):
        first, second = self.shelves
        with first.lock, second.lock:
            first.books -= 1
            second.books += 1

    def total(self):
        found = 0
        for shelf in self.shelves:
            with shelf.lock:
                found += shelf.books
        return found


def test_no_book_is_counted_twice(race):
    def scenario():
        library, counted = Library(), []
        race.run(library.move, lambda: counted.append(library.total()))
        assert counted == [5]

    race.explore(scenario)
