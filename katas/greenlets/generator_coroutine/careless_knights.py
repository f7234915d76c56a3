"""Two habits of careless knights, as tasks that take turns. Read them, and leave them as they are."""


class Cup:
    """So many measures of wine (given)."""

    def __init__(self, wine):
        self.wine = wine


def drink(cup):
    """Look how much there is, and leave one measure less: nobody takes the turn from him, says the knight."""
    yield "lifts the cup"
    left = cup.wine
    yield f"sees {left}"
    cup.wine = left - 1
    yield "has drunk"


def blow(table, first, second):
    """Take one horn, then the other, blow, and put both back: he waits for each as long as somebody has it."""
    for horn in (first, second):
        while horn not in table:
            yield f"waits for the {horn} horn"
        table.remove(horn)
        yield f"has the {horn} horn"
    table.update((first, second))
