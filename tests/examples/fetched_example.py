class Prices:
    def __init__(self, fetch):
        self.fetch, self.known = fetch, {}

    def price(self, name):
        if name not in self.known:
            self.known[name] = self.fetch(name)
        return self.known[name]


def test_the_shop_is_asked_once(race):
    def scenario():
        asked = []
        prices = Prices(lambda name: asked.append(name) or 5)
        race.run(lambda: prices.price("tea"), lambda: prices.price("tea"))
        assert asked == ["tea"]

    race.explore(scenario)
