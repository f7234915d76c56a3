"""Tiny programs over containers and generators, with every outcome that they can have.

The outcomes are worked out by hand, for steps as small_data.py has them.
"""

from collections.abc import Callable, Iterator

from .program import Box, Program, Scenario, together


def tuple_unpacked() -> object:
    """A tuple that is replaced as a whole is never seen in halves."""
    shared, got = {"pair": (1, 1)}, Box()

    def read() -> None:
        got.x, got.y = shared["pair"]

    def write() -> None:
        shared["pair"] = (2, 2)

    together(read, write)
    return got.x, got.y


def items_read_one_by_one() -> object:
    """A pair read and written item by item may be seen in halves."""
    pair, got = [1, 1], Box()

    def read() -> None:
        got.first = (pair[0], pair[1])

    def write() -> None:
        pair[0] = 2
        pair[1] = 2

    together(read, write)
    return got.first


def list_unpacked() -> object:
    """Unpacking a list is one step: it sees a prefix of the two writes."""
    pair, got = [1, 1], Box()

    def read() -> None:
        got.x, got.y = pair

    def write() -> None:
        pair[0] = 2
        pair[1] = 2

    together(read, write)
    return got.x, got.y


def append_order() -> object:
    """Container methods: two and two appends keep the order of each task."""
    items: list[str] = []

    def one() -> None:
        items.append("a")
        items.append("b")

    def other() -> None:
        items.append("c")

    together(one, other)
    return "".join(items)


def list_iterated() -> object:
    """Iteration over a list that another task appends to and takes from."""
    items, seen = [1, 2], list[int]()

    def walk() -> None:
        for item in items:
            seen.append(item)

    def change() -> None:
        items.append(3)
        items.remove(1)

    together(walk, change)
    return tuple(seen)


def dict_iterated() -> object:
    """Iteration over a dict that another task puts a key into."""
    table, got, seen = {"a": 1, "b": 2}, Box(), list[str]()

    def walk() -> None:
        try:
            for key in table:
                seen.append(key)
        except RuntimeError:
            got.first = "changed"

    def insert() -> None:
        table["c"] = 3

    together(walk, insert)
    return "".join(seen), got.first


def slice_read() -> object:
    """A slice is read in one step, and written in one."""
    items, got = [1, 2, 3], Box()

    def read() -> None:
        got.first = tuple(items[0:2])

    def write() -> None:
        items[0:2] = [8, 9]
        del items[0:1]

    together(read, write)
    return got.first


def slice_rebuilt() -> object:
    """Two rebuild the list by slice assignment from what they read before."""
    items: list[int] = []

    def work(item: int) -> None:
        items[:] = [*items, item]

    together(lambda: work(1), lambda: work(2))
    return tuple(items)


def contains() -> object:
    """`in` twice, while another task removes and puts back."""
    items, got = {1}, Box()

    def look() -> None:
        got.first = 1 in items
        got.second = 1 in items

    def change() -> None:
        items.discard(1)
        items.add(1)

    together(look, change)
    return got.first, got.second


def dict_methods() -> object:
    """`setdefault` against `pop`."""
    table, got = {"a": 1}, Box()

    def fill() -> None:
        got.first = table.setdefault("a", 2)

    def clear() -> None:
        got.second = table.pop("a", None)

    together(fill, clear)
    return got.first, got.second, table.get("a")


def dict_item_copied() -> object:
    """One item is raised while another task copies it to its neighbour."""
    table = {"a": 1, "b": 0}

    def add() -> None:
        table["a"] += 1
        table["b"] += 10

    def copy() -> None:
        table["b"] = table["a"]

    together(add, copy)
    return table["a"], table["b"]


def list_extended_in_place() -> object:
    """`+=` on a list extends the object, and then writes the attribute: nothing is lost."""
    shared = Box()

    def work(item: int) -> None:
        shared.items += [item]

    together(lambda: work(1), lambda: work(2))
    return tuple(shared.items)


def tuple_extended_in_place() -> object:
    """`+=` on a tuple makes a new one: one may be lost."""
    table: dict[str, tuple[int, ...]] = {"t": ()}

    def work(item: int) -> None:
        table["t"] += (item,)

    together(lambda: work(1), lambda: work(2))
    return table["t"]


def generator_body() -> object:
    """A generator reads shared state when it is asked, not when it is made."""
    shared, got = Box(), Box()

    def values() -> Iterator[int]:
        yield shared.x
        yield shared.x

    def read() -> None:
        got.first = tuple(values())

    def write() -> None:
        shared.x = 1

    together(read, write)
    return got.first


def generator_shared() -> object:
    """Two ask one generator, and one of them may find it busy."""
    shared, got = Box(), Box()

    def values() -> Iterator[int]:
        shared.x += 1
        yield shared.x
        shared.x += 1
        yield shared.x

    generator = values()

    def one() -> None:
        try:
            got.first = next(generator)
        except ValueError:
            got.first = "busy"

    def other() -> None:
        try:
            got.second = next(generator)
        except ValueError:
            got.second = "busy"

    together(one, other)
    return got.first, got.second


def iterator_shared() -> object:
    """`next` on a list's iterator is one step."""
    numbers, got = iter([1, 2]), Box()

    def one() -> None:
        got.first = next(numbers)

    def other() -> None:
        got.second = next(numbers)

    together(one, other)
    return got.first, got.second


def c_functions() -> object:
    """Functions written in C see the list at one moment each."""
    items, got = [3, 1], Box()

    def read() -> None:
        got.first = sum(items)
        got.second = tuple(sorted(items))

    def write() -> None:
        items.append(2)

    together(read, write)
    return got.first, got.second


def _walked(name: str, walk: Callable[[list[int]], int]) -> Scenario:
    def scenario() -> object:
        """A list is walked over while another thread appends to it."""
        items, got = [1, 2], Box()

        def read() -> None:
            got.first = walk(items)

        together(read, lambda: items.append(3))
        return got.first

    scenario.__name__ = name
    return scenario


list_comprehension = _walked("list_comprehension", lambda items: sum([item for item in items]))
set_comprehension = _walked("set_comprehension", lambda items: sum({item for item in items}))
generator_expression = _walked("generator_expression", lambda items: sum(item for item in items))
enumerated = _walked("enumerated", lambda items: sum(item for _, item in enumerate(items)))
zipped = _walked("zipped", lambda items: sum(item for _, item in zip("abc", items, strict=False)))
reversed_list = _walked("reversed_list", lambda items: sum(item for item in reversed(items)))
nested_loops = _walked("nested_loops", lambda items: sum(item for _ in "ab" for item in items))


def iterator_shared_by_comprehensions() -> object:
    """Each takes what it can get of one iterator."""
    numbers, got = iter([1, 2]), Box()

    def first() -> None:
        got.first = [number for number in numbers]

    def second() -> None:
        got.second = sum(number for number in numbers)

    together(first, second)
    return got.first, got.second


def dict_in_a_generator_expression() -> object:
    """The iterator is made in one step, and each item is asked for in another."""
    shared, got = {1: 1}, Box()

    def read() -> None:
        try:
            got.first = sum(key for key in shared)
        except RuntimeError:
            got.first = "changed"

    def write() -> None:
        shared[2] = 2

    together(read, write)
    return got.first


def _small(scenario: Scenario, threads: int, *outcomes: object) -> Program:
    return Program(scenario.__name__, scenario, threads, "small", outcomes=outcomes)


PROGRAMS = (
    _small(tuple_unpacked, 2, (1, 1), (2, 2)),
    _small(items_read_one_by_one, 2, (1, 1), (1, 2), (2, 1), (2, 2)),
    _small(list_unpacked, 2, (1, 1), (2, 1), (2, 2)),
    _small(append_order, 2, "abc", "acb", "cab"),
    _small(list_iterated, 2, (1, 2), (1, 2, 3), (1, 3), (2, 3)),
    _small(
        dict_iterated,
        2,
        ("abc", None),  # put in before the iterator is made
        ("", "changed"),  # between that and the first step
        ("a", "changed"),
        ("ab", "changed"),
        ("ab", None),
    ),
    _small(slice_read, 2, (1, 2), (8, 9), (9, 3)),
    _small(slice_rebuilt, 2, (1,), (2,), (1, 2), (2, 1)),
    _small(contains, 2, (True, True), (False, True), (True, False), (False, False)),
    _small(dict_methods, 2, (1, 1, None), (2, 1, 2)),
    _small(dict_item_copied, 2, (2, 1), (2, 2), (2, 11), (2, 12), (2, 10)),
    _small(list_extended_in_place, 2, (1, 2), (2, 1)),
    _small(tuple_extended_in_place, 2, (1,), (2,), (1, 2), (2, 1)),
    _small(generator_body, 2, (0, 0), (0, 1), (1, 1)),
    _small(generator_shared, 2, (1, 2), (2, 1), (1, "busy"), ("busy", 1)),
    _small(iterator_shared, 2, (1, 2), (2, 1)),
    _small(list_comprehension, 2, 3, 6),
    _small(set_comprehension, 2, 3, 6),
    _small(generator_expression, 2, 3, 6),
    _small(enumerated, 2, 3, 6),
    _small(zipped, 2, 3, 6),
    _small(reversed_list, 2, 3, 6),
    _small(nested_loops, 2, 6, 9, 12),
    _small(iterator_shared_by_comprehensions, 2, ([1, 2], 0), ([1], 2), ([2], 1), ([], 3)),
    _small(dict_in_a_generator_expression, 2, 1, 3, "changed"),
    _small(c_functions, 2, (4, (1, 3)), (4, (1, 2, 3)), (6, (1, 2, 3))),
)
