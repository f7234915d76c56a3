"""The store of the mill: the tests. Time is virtual, and the threads mix in many ways."""

import threading
import time

import pytest
from bounded_buffer import Buffer, Closed

GUARD = 9  # nobody may wait for so long
ENOUGH = 30  # so often nobody has to look in one moment
ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment
LATE = 30 + 1 / 512  # nobody has given up by then
DAY = 86_400 + 1 / 512  # nor by then

CLOSED = "Closed"  # noted for who got the exception


class Mill:
    """Several threads at one buffer; each notes by single appends what it got, and when."""

    def __init__(self, buffer):
        self.buffer = buffer
        self.began = time.monotonic()
        self.done = []  # (name of the thread, what it got, when)

    def start(self, name, *acts, after=0):
        """Let a thread do something after some time, act by act."""

        def run():
            time.sleep(after)
            for act in acts:
                try:
                    found = act()
                except Closed:
                    found = CLOSED
                self.done.append((name, found, time.monotonic() - self.began))

        threading.Thread(target=run, name=name, daemon=True).start()

    def putter(self, name, *items, after=0):
        """Let a thread put items."""
        self.start(name, *(lambda item=item: self.buffer.put(item) for item in items), after=after)

    def getter(self, name, times=1, after=0):
        """Let a thread get so many times."""
        self.start(name, *[self.buffer.get] * times, after=after)

    def carter(self, name, count, after=0):
        """Let a thread get a batch."""
        self.start(name, lambda: self.buffer.get_batch(count), after=after)

    def closer(self, after=0):
        """Let a thread close."""
        self.start("closer", self.buffer.close, after=after)

    def of(self, name):
        """List what one thread got and when."""
        return [(found, when) for who, found, when in self.done if who == name]

    def what(self, name):
        """List what one thread got."""
        return [found for found, _ in self.of(name)]

    def told(self, name):
        """Say what one thread got."""
        return " and ".join(f"got {found!r} at {when:g} s" for found, when in self.of(name)) or "still waits"

    def rest(self):
        """Take out what is left, and what still comes."""
        self.getter("rest", 6)
        time.sleep(1)
        return [found for found in self.what("rest") if found != CLOSED]


def filled(size, *items):
    """Make a mill whose buffer holds something."""
    mill = Mill(Buffer(size))
    for item in items:
        mill.buffer.put(item)
    return mill


@pytest.mark.task(1)
def test_first_in_first_out(race):
    def scenario():
        mill = filled(3, "a", "b", "c")
        found = [mill.buffer.get(), mill.buffer.get()]
        mill.buffer.put("d")
        found += [mill.buffer.get(), mill.buffer.get()]
        assert found == ["a", "b", "c", "d"], f"a, b, c and d were put in, {found} came out: the oldest comes first"

    race.explore(scenario, schedules=4)


@pytest.mark.task(1)
def test_any_object_is_an_item(race):
    def scenario():
        items = [None, 0, "", None, ()]
        mill = filled(5, *items)
        mill.getter("getter", 5)
        time.sleep(GUARD)
        found = mill.what("getter")
        assert found == items, f"{items} were put in, {found} came out: None is an item, too, and so is what is false"
        mill = filled(3, None, None, 0)
        mill.buffer.close()
        mill.getter("getter")
        mill.carter("cart", 2, after=1)
        time.sleep(GUARD)
        assert mill.what("getter") == [None], (
            f"None was left in a closed buffer, and get {mill.told('getter')} instead of getting None: what is in the "
            "buffer can be anything; ask whether it is empty, and not what came out"
        )
        assert mill.what("cart") == [[None, 0]], (
            f"None and 0 were left in a closed buffer, and get_batch(2) {mill.told('cart')} instead of [None, 0]"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(1)
def test_buffers_have_nothing_in_common(race):
    def scenario():
        first, second = filled(1, "a"), Mill(Buffer(1))
        second.putter("putter", "b")
        time.sleep(GUARD)
        found = [*second.rest(), *first.rest()]
        assert found == ["b", "a"], (
            f"a was put into one buffer for 1 item and b into another, and they held {found}: what belongs to one "
            "buffer is made in __init__"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(2)
def test_get_waits_for_an_item(race):
    def scenario():
        mill = Mill(Buffer(2))
        mill.getter("getter")
        mill.putter("putter", "a", after=LATE)
        time.sleep(LATE + 1)
        assert mill.of("getter") == [("a", LATE)], (
            f"a was put in at {LATE:g} s, and who had waited for it got {mill.of('getter') or 'nothing'} instead of "
            f"a at {LATE:g} s: let yourself be woken by who puts"
        )

    race.explore(scenario, schedules=4, busy_waiting="fail", ignored_timeouts="fail")


@pytest.mark.task(2)
def test_put_waits_for_room(race):
    def scenario():
        mill = filled(1, "a")
        mill.putter("putter", "b")
        mill.getter("getter", after=DAY)
        time.sleep(DAY + 1)
        put = [when for _, when in mill.of("putter")]
        assert put != [0], "a buffer for 1 item was full, and put did not wait for room"
        assert mill.what("getter") == ["a"], f"a was in, b waited for room, and get returned {mill.what('getter')}"
        assert put == [DAY], (
            f"there was room at {DAY:g} s, and who had waited for it was through "
            f"{f'at {put[0]:g} s' if put else 'never'}: let yourself be woken by who gets"
        )
        assert mill.rest() == ["b"], "put returned, and its item is not in the buffer"

    race.explore(scenario, schedules=4, busy_waiting="fail", ignored_timeouts="fail")


@pytest.mark.task(2)
def test_who_waits_at_one_buffer_is_not_woken_for_another(race):
    def scenario():
        other, mill = filled(1, "a"), filled(1, "b")
        other.putter("putter", "c")
        mill.putter("putter", "d", after=1)
        mill.getter("getter", 2, after=2)
        time.sleep(GUARD)
        got = mill.what("getter")
        assert got == ["b", "d"], (
            f"two buffers were full, and somebody waited for room at each; two were taken out of one of them, and got "
            f"was {got} instead of ['b', 'd']: the wake-up went to the other buffer; conditions are made in __init__"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
@pytest.mark.parametrize("number", [2, 3])
def test_as_many_go_on_as_items_come(race, number):
    def scenario():
        mill = Mill(Buffer(3))
        for getter in range(number):
            mill.getter(f"getter {getter}")
        mill.putter("putter", *"abc"[:number], after=ODD)
        time.sleep(GUARD)
        got = sorted(found for name, found, when in mill.done if name != "putter" and when == ODD)
        assert got == list("abc"[:number]), (
            f"{number} waited in get, {number} items came one after the other at {ODD:g} s, and got at that moment was "
            f"{got}: "
            "somebody sleeps beside an item; wake somebody for each item, not only when the buffer was empty"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_as_many_go_on_as_places_are_free(race):
    def scenario():
        mill = filled(2, "a", "b")
        for item in "cd":
            mill.putter(f"putter of {item}", item)
        mill.getter("getter", 2, after=ODD)
        time.sleep(GUARD)
        put = sorted(when for name, _, when in mill.done if name != "getter")
        assert put == [ODD, ODD], (
            f"two waited for room, two items were taken out one after the other at {ODD:g} s, and the puts were "
            "through at "
            f"{put} s: somebody sleeps beside a free place; wake somebody for each, not only when the buffer was full"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
@pytest.mark.parametrize(
    ("putters", "getters", "size"),
    [
        pytest.param(["ab"], [1, 1], 1, id="two getters"),
        pytest.param(["a", "b"], [2], 1, id="two putters"),
        pytest.param(["ab", "cd"], [2, 2], 1, id="two and two"),
        pytest.param(["abc", "d"], [3, 1], 2, id="room for two"),
    ],
)
@pytest.mark.means(
    IndexError="somebody took from an empty buffer: who is woken must look again before it takes, in the same `with`",
    DeadlockFound="nobody goes on: somebody was woken who can do nothing, and who could was not (wake all, or let each "
    "end wait for itself), or each end holds a lock and wants that of the other (one lock for both)",
)
def test_nothing_is_lost_and_nobody_forgotten(race, putters, getters, size):
    def scenario():
        mill = Mill(Buffer(size))
        acts = [lambda items=items: [mill.buffer.put(item) for item in items] for items in putters]
        acts += [lambda times=times: [mill.buffer.get() for _ in range(times)] for times in getters]
        found = race.run(*acts)[len(putters) :]
        wanted = sorted("".join(putters))
        assert sorted(sum(found, [])) == wanted, (
            f"{wanted} were put in, and the getters got {found}: each item leaves once"
        )
        for got in found:
            for items in putters:
                own = [item for item in got if item in items]
                assert own == sorted(own), (
                    f"one thread put {' then '.join(items)}, and one getter got {own}: keep the order"
                )

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
def test_who_waits_is_woken_by_the_other_side(race):
    def scenario():
        mill = filled(1, "a")
        for name, item in [("first", "b"), ("second", "c")]:
            mill.putter(name, item)
        mill.getter("getter", 1, after=1)
        mill.getter("waits", 2, after=2)
        time.sleep(GUARD)
        got = mill.what("getter") + mill.what("waits")
        assert sorted(got) == ["a", "b", "c"], (
            f"a was in, b and c waited for room, three were taken out at 1 and 2 s, and {GUARD} s later the getters "
            f"had got {got}: somebody was woken who could not go on, and who could sleeps on"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
@pytest.mark.parametrize("size", [1, 2])
def test_never_more_than_there_is_room_for(race, size):
    def scenario():
        mill = Mill(Buffer(size))
        for number in range(size + 1):
            mill.putter(f"putter {number}", number)
        time.sleep(1)
        through = len(mill.done)
        assert through == size, (
            f"{size + 1} threads put an item each into a buffer with room for {size}, and {through} were through: "
            "looking whether there is room and putting must be one step"
        )
        left = mill.rest()
        assert sorted(left) == list(range(size + 1)), (
            f"{size + 1} threads put the items 0 to {size} into a buffer with room for {size}, somebody took out all "
            f"that there was, and got {left}: who waits for room gets it, and each item leaves once"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
def test_who_is_woken_looks_again(race):
    def scenario():
        mill = filled(1, "a")
        for number in range(2):
            mill.putter(f"putter {number}", number)
        mill.getter("getter")
        time.sleep(1)
        through = [name for name, _, _ in mill.done if name != "getter"]
        assert len(through) == 1, (
            "a buffer for 1 item was full, two waited to put or just came, one item was taken out, and "
            f"{len(through)} of the two got theirs in instead of 1: who is woken has to look again, as somebody may "
            "have been quicker"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
@pytest.mark.means(
    IndexError="somebody took from an empty buffer: who is woken must look again before it takes, in the same `with`"
)
def test_who_is_woken_for_nothing_waits_on(race):
    def scenario():
        mill = Mill(Buffer(2))
        for number in range(2):
            mill.getter(f"getter {number}")
        mill.putter("putter", "a")
        mill.putter("later", "b", after=1)
        time.sleep(GUARD)
        got = sorted((found, when) for name, found, when in mill.done if name.startswith("getter"))
        assert got == [("a", 0), ("b", 1)], f"a was put in at 0 s and b at 1 s, and two getters got {got}"

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
def test_a_batch_is_taken(race):
    def scenario():
        mill = filled(4, "a", "b", "c", "d")
        mill.carter("cart", 3)
        mill.carter("small cart", 1, after=1)
        time.sleep(GUARD)
        assert mill.what("cart") == [["a", "b", "c"]], (
            f"a, b, c and d were in, and get_batch(3) returned {mill.what('cart')} instead of ['a', 'b', 'c']"
        )
        assert mill.what("small cart") == [["d"]], (
            f"then only d was in, and get_batch(1) returned {mill.what('small cart')} instead of ['d']"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_a_batch_waits_until_it_is_complete(race):
    def scenario():
        mill = filled(3, "a")
        mill.carter("cart", 3)
        mill.putter("putter", "b", after=1)
        mill.putter("last", "c", after=LATE)
        time.sleep(LATE + 1)
        assert mill.of("cart") == [(["a", "b", "c"], LATE)], (
            f"a was in, b came at 1 s, c at {LATE:g} s, and get_batch(3) returned {mill.of('cart') or 'nothing'} "
            f"instead of a, b, c at {LATE:g} s"
        )

    race.explore(scenario, schedules=3, busy_waiting="fail", ignored_timeouts="fail")


@pytest.mark.task(4)
def test_two_batches_do_not_share(race):
    def scenario():
        mill = Mill(Buffer(2))
        mill.carter("cart 1", 2)
        mill.carter("cart 2", 2)
        mill.putter("putter", "a", "b", "c", "d")
        time.sleep(GUARD)
        found = mill.what("cart 1") + mill.what("cart 2")
        assert sorted(found) == [["a", "b"], ["c", "d"]], (
            f"a, b, c and d came one after the other, and two get_batch(2) got {found} instead of ['a', 'b'] and "
            "['c', 'd']: a batch is taken in one step, when it is complete"
        )

    race.explore(scenario, schedules=8)


@pytest.mark.task(4)
def test_a_batch_that_waits_is_in_nobodys_way(race):
    def scenario():
        mill = Mill(Buffer(3))
        mill.carter("cart", 3)
        mill.getter("getter", after=1)
        mill.putter("putter", "a", after=2)
        mill.putter("later", "b", "c", "d", after=3)
        time.sleep(GUARD)
        assert mill.of("getter") == [("a", 2)], (
            "somebody waits in get_batch(3) and somebody in get, a came at 2 s, and get returned "
            f"{mill.of('getter') or 'nothing'} instead of a at 2 s: while a batch is not complete it must hold "
            "neither items nor a lock, and whom you wake has to be somebody who can go on"
        )
        assert mill.of("cart") == [(["b", "c", "d"], 3)], (
            f"then b, c and d came at 3 s, and get_batch(3) returned {mill.of('cart') or 'nothing'}"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
def test_whoever_waits_for_fewer_is_woken(race):
    def scenario():
        mill = Mill(Buffer(2))
        mill.carter("cart", 2)
        mill.getter("getter")
        mill.putter("putter", "a", after=1)
        time.sleep(2)
        assert mill.what("getter") == ["a"], (
            "get_batch(2) and get waited, one item came at 1 s, and at 2 s get had returned "
            f"{mill.what('getter') or 'nothing'}: notify woke who cannot go on with one, and who can sleeps on; "
            "where those who wait need different things, wake all of them"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
@pytest.mark.parametrize(
    ("counts", "items"),
    [([1, 2, 1], "ab"), ([2, 1, 1], "ab"), ([2, 2], "abcd"), ([3, 3, 1], "a"), ([3, 2, 1], "abc"), ([1, 3, 2], "abcd")],
    ids=str,
)
def test_nobody_sleeps_beside_what_he_needs(race, counts, items):
    def scenario():
        mill = Mill(Buffer(4))
        for place, count in enumerate(counts):
            mill.carter(f"cart {place}", count, after=place / 10)
        mill.putter("putter", *items, after=1)
        time.sleep(GUARD)
        left, waiting = len(items), list(counts)
        for name, found, _ in mill.done:
            if name != "putter":
                left -= len(found)
                waiting.remove(len(found))
        assert not waiting or min(waiting) > left, (
            f"get_batch of {counts} waited, {len(items)} items came, and in the end {left} are left while get_batch of "
            f"{waiting} still waits: who was woken may find too little, and then somebody else can go on; wake all who "
            "wait "
            "for items"
        )

    race.explore(scenario, schedules=2)


class Count(int):
    """How many a cart takes; it notes each look at it, and sends home who looks again and again in one moment."""

    def __init__(self, _):
        self.looks = []

    def look(self):
        """Note it."""
        self.looks.append(time.monotonic())
        if self.looks.count(self.looks[-1]) > ENOUGH:
            raise Closed

    def __lt__(self, other):
        self.look()
        return int(self) < other

    def __le__(self, other):
        self.look()
        return int(self) <= other

    def __gt__(self, other):
        self.look()
        return int(self) > other

    def __ge__(self, other):
        self.look()
        return int(self) >= other


@pytest.mark.task(4)
def test_who_cannot_go_on_rests(race):
    def scenario():
        mill, counts = Mill(Buffer(4)), [Count(3), Count(3)]
        for number, count in enumerate(counts):
            mill.carter(f"cart {number}", count)
        mill.putter("putter", "a", after=1)
        mill.putter("later", "b", "c", after=2)
        time.sleep(GUARD)
        most = max(count.looks.count(when) for count in counts for when in count.looks)
        assert most <= ENOUGH, (
            f"two waited in get_batch(3), one item came, and one of them looked {most} times in one moment whether "
            "there is enough: they wake each other in turn, for ever, and use the processor; who cannot go on does not "
            "pass the wake-up on, wake all who wait when an item comes"
        )
        found = mill.what("cart 0") + mill.what("cart 1")
        assert found == [["a", "b", "c"]], f"then two more came, and two get_batch(3) got {found}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_a_batch_makes_room_for_several(race):
    def scenario():
        mill = filled(3, "a", "b", "c")
        for item in "def":
            mill.putter(f"putter of {item}", item)
        mill.carter("cart", 3, after=ODD)
        time.sleep(GUARD)
        put = sorted(when for name, _, when in mill.done if name.startswith("putter"))
        assert put == [ODD] * 3, (
            f"three waited for room, get_batch(3) made room for all at {ODD:g} s, and {len(put)} of them were "
            f"through, at {put} s: wake as many as can go on"
        )
        assert sorted(mill.rest()) == ["d", "e", "f"], "all puts have returned, and their items are not in the buffer"

    race.explore(scenario, schedules=3)


@pytest.mark.task(5)
def test_what_is_left_can_be_fetched(race):
    def scenario():
        mill = filled(4, "a", "b", "c")
        mill.closer()
        mill.closer()
        time.sleep(1)
        assert mill.what("closer") == [None, None], (
            "a, b, c were in, two threads called close(), and a second later they had got "
            f"{mill.what('closer') or 'nothing'}: close() only shuts the gate, it waits for nobody, and raises nothing"
        )
        mill.getter("getter", 1)
        mill.carter("cart", 3, after=1)
        mill.getter("late getter", after=2)
        mill.carter("late cart", 2, after=3)
        time.sleep(GUARD)
        assert mill.what("getter") == ["a"], f"a, b, c were in when it closed, and get returned {mill.what('getter')}"
        assert mill.what("cart") == [["b", "c"]], (
            f"b and c were left in a closed buffer, and get_batch(3) returned {mill.what('cart') or 'nothing'} instead "
            "of ['b', 'c']: more will not come"
        )
        assert mill.what("late getter") == [CLOSED], (
            f"a closed buffer was empty, and get {mill.told('late getter')} instead of Closed"
        )
        assert mill.what("late cart") == [CLOSED], (
            f"a closed buffer was empty, get raised Closed, and get_batch(2) after it {mill.told('late cart')} instead "
            "of Closed: does whoever raises it keep the lock? `with` gives it back on every way out"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(5)
def test_a_batch_of_what_is_left_is_no_greater_than_the_cart(race):
    def scenario():
        mill = filled(4, "a", "b", "c", "d")
        mill.closer()
        mill.carter("cart", 2, after=1)
        mill.carter("small cart", 1, after=2)
        time.sleep(GUARD)
        found = mill.what("cart"), mill.what("small cart")
        assert found == ([["a", "b"]], [["c"]]), (
            f"a, b, c and d were in when it closed, and get_batch(2) and then get_batch(1) got {found[0]} and "
            f"{found[1]} instead of ['a', 'b'] and ['c']: closed or not, a batch is as great as was asked for if there "
            "is enough"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(5)
def test_nothing_comes_in_after_closing(race):
    def scenario():
        mill = filled(2, "a")
        mill.buffer.close()
        mill.putter("putter", "b")
        time.sleep(GUARD)
        assert mill.of("putter") == [(CLOSED, 0)], (
            f"the buffer was closed and had room, and put {'went through' if mill.done else 'still waits'} instead "
            "of raising Closed at once"
        )
        left = mill.rest()
        assert left == ["a"], (
            f"put raised Closed, and out of the buffer came {left} instead of ['a']: its item does not come in, and "
            "its lock does not stay taken"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(5)
@pytest.mark.means(
    IndexError="somebody took from an empty buffer: look again after waiting, it may be the closing that has woken you"
)
def test_closing_wakes_all_who_wait_for_goods(race):
    def scenario():
        mill = Mill(Buffer(2))
        for name in ("getter 1", "getter 2"):
            mill.getter(name)
        mill.carter("cart", 2)
        mill.closer(after=ODD)
        time.sleep(GUARD)
        for name in ("getter 1", "getter 2", "cart"):
            assert mill.of(name) == [(CLOSED, ODD)], (
                f"three waited for items, the buffer was closed at {ODD:g} s, and {name} "
                f"{mill.told(name)} instead of getting Closed: closing wakes everybody"
            )

    race.explore(scenario, schedules=5)


@pytest.mark.task(5)
def test_closing_completes_a_batch(race):
    def scenario():
        mill = filled(3, "a")
        mill.carter("cart", 3)
        mill.closer(after=1)
        time.sleep(GUARD)
        assert mill.of("cart") == [(["a"], 1)], (
            "get_batch(3) waited, a was in, the buffer was closed at 1 s, and it got "
            f"{mill.of('cart') or 'nothing'} instead of ['a'] at 1 s: more will not come"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(5)
@pytest.mark.means(
    IndexError="somebody took from an empty buffer: look again after waiting, it may be the closing that has woken you"
)
def test_what_is_left_goes_to_one(race):
    def scenario():
        mill = filled(3, "a")
        for name in ("cart 1", "cart 2"):
            mill.carter(name, 3)
        mill.closer(after=1)
        time.sleep(GUARD)
        got = sorted(map(str, mill.what("cart 1") + mill.what("cart 2")))
        assert got == [CLOSED, "['a']"], (
            f"two waited in get_batch(3), a was in, the buffer was closed, and they got {got}: one gets what is left, "
            "and "
            "for the other one nothing is left, which is Closed"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(5)
def test_closing_wakes_all_who_wait_for_room(race):
    def scenario():
        mill = filled(1, "a")
        for name, item in [("putter 1", "b"), ("putter 2", "c")]:
            mill.putter(name, item)
        mill.closer(after=ODD)
        time.sleep(GUARD)
        for name in ("putter 1", "putter 2"):
            assert mill.of(name) == [(CLOSED, ODD)], (
                f"two waited for room, the buffer was closed at {ODD:g} s, and {name} "
                f"{mill.told(name)} instead of getting Closed: closing wakes everybody, at both ends"
            )
        left = mill.rest()
        assert left == ["a"], f"both puts raised Closed, and the buffer held {left} instead of ['a']"

    race.explore(scenario, schedules=4)


@pytest.mark.task(5)
@pytest.mark.parametrize("fetches", ["the miller", "somebody else"])
def test_who_waited_for_room_does_not_slip_in(race, fetches):
    def scenario():
        mill = filled(1, "a")
        mill.putter("putter", "b")
        time.sleep(1)
        if fetches == "the miller":
            mill.start("getter", mill.buffer.close, mill.buffer.get)
        else:
            mill.buffer.close()
            mill.getter("getter")
        time.sleep(GUARD)
        assert mill.what("putter") == [CLOSED], (
            "one waited for room, the buffer was closed, then there was room, and put "
            f"{'went through' if mill.what('putter') else 'still waits'} instead of raising Closed: look whether it "
            "is closed after the waiting, too"
        )
        left = [item for item in mill.what("getter") if item in ("a", "b")] + mill.rest()
        assert left == ["a"], f"put raised Closed, and then {left} came out instead of a alone"

    race.explore(scenario, schedules=3)


@pytest.mark.task(5)
@pytest.mark.means(
    IndexError="somebody took from an empty buffer: look again after waiting, it may be the closing that has woken you"
)
def test_put_get_and_close_in_every_order(race):
    def scenario():
        mill = filled(1, "a")
        mill.putter("putter", "b")
        mill.getter("getter", 2)
        mill.closer()
        time.sleep(1)
        came_in = ["a"] if mill.what("putter") == [CLOSED] else ["a", "b"]
        got = [item for item in mill.what("getter") if item != CLOSED]
        assert len(mill.done) == 4, (
            "one puts, one gets twice, one closes, at the same time: somebody still waits when all is over; done "
            f"are {[name for name, _, _ in mill.done]}"
        )
        left = mill.rest()
        assert CLOSED not in mill.what("getter") or not left, (
            f"get raised Closed, as nothing was left, and afterwards {left} came out: what has passed the gate "
            "before it was shut has to be there"
        )
        everything = got + left
        assert everything == came_in, (
            f"a was in, put of b {'raised Closed' if came_in == ['a'] else 'went through'} while somebody closed, "
            f"and {everything} came out instead of {came_in}"
        )

    race.explore(scenario, schedules=3)
