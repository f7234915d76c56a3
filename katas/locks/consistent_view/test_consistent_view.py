"""A consistent view: the tests. Time is virtual; in tasks 1 to 3 you say how the threads mix."""

import threading
import time

import pytest
from consistent_view import Board, break_breathing, break_cell_locks, break_writer_locks
from whiteboards import Breathing, CellLocks, WriterLocks


def check_broken(race, board_class, steps):
    """Play a schedule; the reader must see a mixture."""

    def scenario():
        board, seen = board_class(3), []
        writer = threading.Thread(target=board.fill, args=(1,), name="writer")
        reader = threading.Thread(target=lambda: seen.append(board.copy()), name="reader")
        writer.start()
        reader.start()
        writer.join()
        reader.join()
        return seen[0]

    __tracebackhide__ = True
    if not isinstance(steps, list):
        pytest.fail(f"a schedule is a list of steps, and this is {steps!r}", pytrace=False)
    played = race.play(scenario, steps)
    if len(set(played.value)) == 1:
        pytest.fail(
            f"under this schedule the reader saw {played.value}, all alike, and the board is not broken: change over "
            f"when one of them has passed some of the cells and not all. What happened:\n\n{played}",
            pytrace=False,
        )


@pytest.mark.task(1)
def test_the_board_whose_writer_locks_breaks(race):
    check_broken(race, WriterLocks, break_writer_locks())


@pytest.mark.task(2)
def test_the_board_with_a_lock_for_each_cell_breaks(race):
    check_broken(race, CellLocks, break_cell_locks())


@pytest.mark.task(3)
def test_the_board_that_breathes_breaks(race):
    check_broken(race, Breathing, break_breathing())


@pytest.mark.task(4)
def test_a_board_is_filled_and_copied(race):
    def scenario():
        board, dipped = Board(3), []
        assert board.copy() == [0, 0, 0], f"a new board of 3 cells shows {board.copy()}"
        board.fill(1)
        first = board.copy()
        assert first == [1, 1, 1], f"1 was written into all cells, the board shows {first}"
        board.fill(2, lambda: dipped.append("ink"))
        assert board.copy() == [2, 2, 2], f"2 was written into all cells, the board shows {board.copy()}"
        assert len(dipped) == 3, f"dip was called {len(dipped)} times for 3 cells"
        assert first == [1, 1, 1], (
            f"a copy that showed [1, 1, 1] now shows {first}: return a new list, not the one that is written on"
        )
        board.copy().append(7)
        assert board.copy() == [2, 2, 2], "who changes his copy must not change the board"
        board.fill(0)
        assert board.copy() == [0, 0, 0], f"0 was written into all cells, the board shows {board.copy()}"
        assert Board(1).copy() == [0], f"a new board of 1 cell shows {Board(1).copy()}"

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
@pytest.mark.parametrize("size", [2, 3])
def test_nobody_sees_a_mixture(race, size):
    def scenario():
        board, seen = Board(size), []
        race.run(lambda: board.fill(1), lambda: seen.extend(board.copy()))
        assert seen in ([0] * size, [1] * size), (
            f"one thread filled the board with 1, another saw {seen}: writing all cells and copying all cells "
            "must exclude each other, from the first cell to the last"
        )

    race.explore(scenario, schedules=30)


@pytest.mark.task(4)
def test_two_writers_leave_no_mixture(race):
    def scenario():
        board = Board(2)
        race.run(lambda: board.fill(1), lambda: board.fill(2))
        assert board.copy() in ([1, 1], [2, 2]), f"two filled the board, with 1 and with 2, and it shows {board.copy()}"

    race.explore(scenario, schedules=30)


@pytest.mark.task(4)
def test_two_writers_who_dip_leave_no_mixture(race):
    def scenario():
        board, seen = Board(2), []

        def write(value, after):
            time.sleep(after)
            board.fill(value, lambda: time.sleep(1))
            seen.append(board.copy())

        race.run(lambda: write(1, 0), lambda: write(2, 0.5))
        assert seen[0] in ([1, 1], [2, 2]), (
            f"two filled the board, with 1 and with 2, each dipping the pen for each cell, and when the first one was "
            f"through it showed {seen[0]}: what one has prepared, another one who dips at the same time must not write "
            "into"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("acts", ["two write, one looks", "one writes, two look"])
def test_nobody_sees_a_mixture_of_three(race, acts):
    def scenario():
        board, seen = Board(2), []
        both = [lambda: board.fill(1), lambda: seen.append(board.copy())]
        third = (lambda: board.fill(2)) if acts == "two write, one looks" else both[1]
        race.run(*both, third)
        mixed = [copy for copy in [*seen, board.copy()] if copy not in ([0, 0], [1, 1], [2, 2])]
        assert not mixed, (
            f"{acts}, all at the same time, and somebody saw {mixed[0]}: who writes must be alone, and keep out all "
            "who "
            "copy, however many there are"
        )

    race.explore(scenario, schedules=60)


@pytest.mark.task(4)
def test_when_fill_returns_it_is_written(race):
    def scenario():
        board, seen = Board(2), []

        def write():
            board.fill(1, lambda: time.sleep(1))
            seen.append(board.copy())

        def write_later():
            time.sleep(1)
            board.fill(2, lambda: time.sleep(5))

        race.run(write, write_later)
        assert seen[0] in ([1, 1], [2, 2]), (
            f"fill(1) has returned while fill(2) was dipping its pen, and the board shows {seen[0]}: who returns has "
            "written, "
            "whether somebody else will write later or not"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
def test_nobody_sees_a_mixture_while_the_pen_is_dipped(race):
    def scenario():
        board, seen = Board(2), []

        def look():
            time.sleep(1.5)  # the writer dips from 1 s to 2 s for its second cell
            seen.extend(board.copy())

        race.run(lambda: board.fill(1, lambda: time.sleep(1)), look)
        assert seen in ([0, 0], [1, 1]), (
            f"somebody looked while the pen was being dipped, and saw {seen}: nobody may look at what is half done"
        )

    race.explore(scenario, schedules=5, clock="any")


class Pen(list):
    """A pen that notes its dips, and is false as long as there are none."""

    def __call__(self):
        self.append(time.monotonic())
        time.sleep(1)
        return len(self) == 2  # which says nothing


@pytest.mark.task(4)
@pytest.mark.means(AttributeError="dip has no __name__: whatever can be called will do, only call it")
@pytest.mark.parametrize("before", [0, 1], ids=["a new number", "the same number again"])
def test_the_pen_is_dipped_once_for_each_cell(race, before):
    def scenario():
        board, pen = Board(3), Pen()
        board.fill(before)
        board.fill(1, pen)
        assert len(pen) == 3, (
            f"the board showed {before}, fill(1, dip) wrote three cells, and dip was called {len(pen)} times: once for "
            "each cell, whatever was on the board, whatever dip returns, and whether it, an object, counts as true "
            "or as false"
        )
        assert board.copy() == [1, 1, 1], f"1 was written into three cells, and the board shows {board.copy()}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_who_is_overtaken_dips_to_the_end(race):
    def scenario():
        board, pen = Board(2), Pen()

        def write_meanwhile():
            time.sleep(0.5)
            board.fill(2)

        race.run(lambda: board.fill(1, pen), write_meanwhile)
        assert len(pen) == 2, (
            f"fill(1, dip) was dipping for two cells when somebody else called fill(2), and dip was called {len(pen)} "
            "times: once for each cell, whatever others write meanwhile"
        )

    race.explore(scenario, schedules=5)


class Blot(Exception):
    """What dip raises in the tests."""


class Evacuated(BaseException):
    """Neither is this one an Exception, as KeyboardInterrupt and SystemExit are not."""


class Dry(StopIteration):
    """An Exception that a generator makes a RuntimeError of."""


@pytest.mark.task(5)
@pytest.mark.parametrize("kind", [Blot, Evacuated, Dry])
@pytest.mark.parametrize("cell", [1, 2, 3], ids=["the first cell", "the second", "the last"])
def test_a_pen_that_breaks_leaves_the_board_as_it_was(race, cell, kind):
    def scenario():
        board, dips, seen, caught, error = Board(3), [], [], None, kind("the pen is broken")
        error.__cause__ = cause = OSError("too hard a stroke")
        board.fill(7)

        def dip():
            dips.append("ink")
            if len(dips) == cell:
                raise error

        try:
            board.fill(8, dip)
        except (Blot, Evacuated, Dry, RuntimeError) as found:
            caught = found
        assert caught is error, (
            f"dip raised ({kind.__base__.__name__}), and fill raised {caught!r}: the caller has to hear of it, and "
            "gets the same object (a generator makes a RuntimeError of a StopIteration)"
        )
        assert caught.__cause__ is cause, (
            f"dip raised {error!r} from {cause!r}, and what fill raised has the cause {caught.__cause__!r}: a bare "
            "raise leaves it as it is, raise … from None takes away why"
        )

        def use():
            seen.append(board.copy())
            board.fill(9)
            seen.append(board.copy())

        user = threading.Thread(target=use, name="next user", daemon=True)
        user.start()
        user.join(timeout=60)
        assert seen, (
            f"after dip had raised ({kind.__base__.__name__}), somebody who copies still waits a minute later: the "
            "lock was "
            "never released; use `with`, or release in `finally`"
        )
        assert seen[0] == [7, 7, 7], (
            f"dip raised ({kind.__base__.__name__}), and the board shows {seen[0]} instead of [7, 7, 7]: write only "
            "when "
            "nothing can fail any more"
        )
        assert seen[1:] == [[9, 9, 9]], f"then 9 was written, and the board shows {seen[1:] or 'nothing, it hangs'}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(5)
def test_a_pen_that_breaks_takes_back_nothing_of_others(race):
    def scenario():
        board = Board(2)

        def fail():
            try:
                board.fill(1, dip)
            except Blot:
                pass

        def dip():
            time.sleep(3)
            raise Blot("the pen is broken")

        def write():
            time.sleep(1)
            board.fill(2)

        for act in (fail, write):
            threading.Thread(target=act, daemon=True).start()
        time.sleep(60)
        seen = board.copy()
        assert seen == [2, 2], (
            "while fill(1) dipped its pen somebody else called fill(2), then the pen broke, and the board shows "
            f"{seen}: an "
            "error writes nothing, least of all what was there before the other one, and lets in who waits"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(6)
def test_two_boards_are_filled_side_by_side(race):
    def scenario():
        boards = [Board(3), Board(3)]
        began = time.monotonic()
        race.run(*(lambda board=board: board.fill(1, lambda: time.sleep(1)) for board in boards))
        took = time.monotonic() - began
        assert took == 3, (
            f"two boards of 3 cells, 1 s for each cell, took {took:g} s instead of 3 s: one waited for the other; "
            "each board needs a lock of its own"
        )

    race.explore(scenario, schedules=5)
