"""A report is read on a terminal of 80 columns, and equal reports read equally."""

from textwrap import dedent

from pytest_concurrency._core.telling.folding import LONG_TURN, MANY, MAX_TURNS
from pytest_concurrency._core.telling.report import LaneStep, Place, Report, TaskState, Waiting
from pytest_concurrency._core.telling.text import MANY_STEPS, WIDTH, render_report


def text(report: Report) -> str:
    return "\n".join(render_report(report))


def shown(expected: str) -> str:
    return dedent(expected).strip("\n")


def at(line: int, source: str = "", file: str = "bank.py") -> Place:
    return Place(file, line, "withdraw", source)


READ, WRITE = at(12, "balance = self.balance"), at(13, "self.balance = balance - n")


def test_a_headline_alone() -> None:
    assert text(Report("deadlock")) == "deadlock"


def test_a_race() -> None:
    report = Report(
        "main raised AssertionError: lost",
        error=("AssertionError: lost", "  test_bank.py:9 in test: assert n == 2"),
        columns=("main", "A", "B"),
        lanes=(
            LaneStep("A", READ, "read balance", "100"),
            LaneStep("B", READ, "read balance", "100"),
            LaneStep("B", WRITE, "write balance", "30"),
            LaneStep("A", WRITE, "write balance", "30"),
        ),
        replay="pytest test_bank.py::test --race-replay=1-2-3-4",
        cause="A read balance, B wrote it",
        notes=("tried twice",),
    )
    assert text(report) == shown(
        """
        main raised AssertionError: lost
          AssertionError: lost
            test_bank.py:9 in test: assert n == 2

        interleaving
          A B
          * .  bank.py:12  balance = self.balance
          * .      read balance = 100
          . *  bank.py:12  balance = self.balance
          . *      read balance = 100
          . *  bank.py:13  self.balance = balance - n
          . *      write balance = 30
          * .  bank.py:13  self.balance = balance - n
          * .      write balance = 30
          note: tried twice

        replay
          pytest test_bank.py::test --race-replay=1-2-3-4

        likely cause
          A read balance, B wrote it
        """
    )


def test_a_deadlock() -> None:
    first = Waiting("Lock.acquire", "Lock `b`", at(3, "b = Lock()"), ("Thread-2",))
    second = Waiting("Event.wait", "Event `door`", at(4, "door = Event()"))
    report = Report(
        "deadlock: Thread-1, Thread-2 wait for ever",
        tasks=(
            TaskState("main", "waits for the other threads to end"),
            TaskState("Thread-1", "waits", at(20, "b.acquire()"), first),
            TaskState("Thread-2", "waits", at(30, "door.wait()"), second),
            TaskState("T", "ended"),
            TaskState("U", "can go on", at(40, "x += 1")),
            TaskState("V", "waits", None, Waiting("sleep(1)", "")),
        ),
    )
    assert text(report) == shown(
        """
        deadlock: Thread-1, Thread-2 wait for ever

        tasks
          main      waits for the other threads to end
          Thread-1  waits in Lock.acquire on Lock `b`
                      held by Thread-2
                      at bank.py:20  b.acquire()
                      made at bank.py:3
          Thread-2  waits in Event.wait on Event `door`
                      at bank.py:30  door.wait()
                      made at bank.py:4
          T         ended
          U         can go on at bank.py:40
                      at bank.py:40  x += 1
          V         waits in sleep(1)
        """
    )


def test_equal_steps_in_a_row_are_told_once_with_their_number() -> None:
    lanes = tuple(LaneStep("A", READ, "read balance", "1") for _ in range(3))
    rows = ["  *  bank.py:12  balance = self.balance", "  *      read balance = 1 (x3)"]
    assert render_report(Report("h", lanes=lanes))[-2:] == rows


def test_many_different_steps_of_a_line_keep_the_first_three_and_the_last() -> None:
    lanes = tuple(LaneStep("A", READ, f"read item {n}") for n in range(9))
    line = render_report(Report("h", lanes=lanes))[-1]
    assert line.endswith("read item 0, read item 1, read item 2, ... 5 more, read item 8")


def test_a_long_turn_keeps_its_ends() -> None:
    lanes = tuple(LaneStep("A", at(n, f"line {n}"), "read x") for n in range(1, 31))
    rows = [line for line in render_report(Report("h", lanes=lanes)) if "bank.py" in line or "more" in line]
    keep = LONG_TURN // 2
    expected = [f"  *  bank.py:{n}  line {n}" for n in range(1, keep + 1)]
    expected.append(f"  *  ... {30 - 2 * keep} more lines ...")
    expected += [f"  *  bank.py:{n}  line {n}" for n in range(31 - keep, 31)]
    assert rows == expected


def test_what_is_left_out_says_how_to_see_it_and_is_shown_where_all_is() -> None:
    lanes = tuple(LaneStep("A", at(n, f"line {n}"), "read x") for n in range(1, 31))
    lanes += tuple(LaneStep("BA"[n % 2], at(n + 1, f"line {n + 1}"), "read x") for n in range(100))
    hinted = "\n".join(render_report(Report("h", lanes=lanes), hint="shown with -vv"))
    assert f"... {30 - LONG_TURN} more lines, shown with -vv ..." in hinted
    assert "turns left out, shown with -vv ..." in hinted
    whole = "\n".join(render_report(Report("h", lanes=lanes), hint="shown with -vv", whole=True))
    assert "-vv" not in whole
    assert all(f"bank.py:{n}  line {n}\n" in whole for n in range(1, 101))


def test_one_line_or_turn_or_step_is_never_left_out() -> None:
    for count in (LONG_TURN + 1, LONG_TURN + 2):
        lanes = tuple(LaneStep("A", at(n, f"line {n}"), "read x") for n in range(count))
        assert ("more lines" in text(Report("h", lanes=lanes))) == (count > LONG_TURN + 1)
    for count in (MAX_TURNS + 1, MAX_TURNS + 2):
        lanes = tuple(LaneStep("AB"[n % 2], at(n + 1, f"line {n + 1}"), "read x") for n in range(count))
        assert ("left out" in text(Report("h", lanes=lanes))) == (count > MAX_TURNS + 1)
    for count in (MANY_STEPS + 1, MANY_STEPS + 2):
        lanes = tuple(LaneStep("A", READ, f"read item {n}") for n in range(count))
        assert (" more, " in text(Report("h", lanes=lanes))) == (count > MANY_STEPS + 1)


def test_a_line_that_the_failure_speaks_of_is_not_left_out() -> None:
    lanes = tuple(LaneStep("A", at(n, f"x{n} = 0"), "read x") for n in range(1, 31))
    assert "x15 = 0\n" in text(Report("h", lanes=lanes, cause="A read x at bank.py:15, B wrote it at bank.py:160"))
    assert "x15 = 0\n" not in text(Report("h", lanes=lanes, cause="B wrote it at bank.py:150 and at mybank.py:15"))
    assert "x15 = 0\n" in text(Report("h", lanes=lanes, error=("A: write x at bank.py:15, holding no lock",)))


def test_a_line_that_touches_what_the_failing_line_names_is_not_left_out() -> None:
    lanes = tuple(LaneStep("A", at(n, "calls.append(k)" if n == 15 else f"self.x{n} = k"), "x") for n in range(1, 31))
    error = ("AssertionError", "  test_bank.py:31 in test_once.scenario: assert self.calls == [len(k_)]")
    shown = text(Report("h", lanes=lanes, error=error))
    assert "calls.append(k)" in shown
    assert "... 10 more lines ..." in shown
    assert "... 11 more lines ..." in shown


def test_of_a_loop_over_what_failed_the_ends_are_shown() -> None:
    lanes = tuple(LaneStep("A", at(n, f"n += {n}"), "read n") for n in range(1, 101))
    shown = text(Report("h", lanes=lanes, error=("  test_bank.py:31 in test: assert n == 2",)))
    assert f"... {100 - MANY} more lines ..." in shown


def test_the_last_turn_of_each_task_is_shown() -> None:
    tasks = ["AB"[n % 2] for n in range(50)] + ["AC"[n % 2] for n in range(50)]
    lanes = tuple(LaneStep(task, at(n + 1, f"line {n + 1}"), "read x") for n, task in enumerate(tasks))
    assert "line 50\n" in text(Report("h", lanes=lanes))


def test_a_turn_of_just_that_length_is_whole() -> None:
    lanes = tuple(LaneStep("A", at(n, f"line {n}"), "read x") for n in range(1, LONG_TURN + 1))
    assert "more lines" not in text(Report("h", lanes=lanes))


def test_many_turns_keep_the_beginning_and_more_of_the_end() -> None:
    lanes = tuple(LaneStep("AB"[n % 2], at(n + 1, f"line {n + 1}"), "read x") for n in range(100))
    rows = [line for line in render_report(Report("h", lanes=lanes)) if "bank.py" in line or "left out" in line]
    assert len(rows) == MAX_TURNS + 1
    first = MAX_TURNS // 4
    assert rows[first - 1].endswith(f"bank.py:{first}  line {first}")
    assert rows[first] == f"  ... {100 - MAX_TURNS} turns left out ..."
    assert rows[first + 1].endswith(f"line {100 - MAX_TURNS + first + 1}")
    assert rows[-1].endswith("line 100")


def test_just_so_many_turns_are_all_shown() -> None:
    lanes = tuple(LaneStep("AB"[n % 2], at(n + 1, f"line {n + 1}"), "read x") for n in range(MAX_TURNS))
    assert "left out" not in text(Report("h", lanes=lanes))


def test_only_tasks_that_did_something_get_a_column_in_the_order_of_their_start() -> None:
    lanes = (LaneStep("C", READ, "read x"), LaneStep("A", READ, "read x"))
    lines = render_report(Report("h", columns=("main", "A", "B", "C"), lanes=lanes))
    assert lines[3] == "  A C"
    assert lines[4].startswith("  . *  bank.py:12")


def test_long_names_are_shortened_and_their_number_stays() -> None:
    names = ("Thread-1 (withdraw_everything)", "a_name_that_is_long", "x")
    lanes = tuple(LaneStep(name, READ, "read x") for name in names)
    lines = render_report(Report("h", columns=names, lanes=lanes))
    assert lines[3] == "  Thread-1 a_name_th~ x"
    assert lines[4] == "  *        .          .  bank.py:12  balance = self.balance"
    assert lines[6] == "  .        *          .  bank.py:12  balance = self.balance"
    assert lines[8] == "  .        .          *  bank.py:12  balance = self.balance"


def test_many_tasks_have_numbers_so_that_the_source_has_forty_columns() -> None:
    names = ("main", *(f"Thread-{n} (pay)" for n in range(1, 9)))
    place = at(123, "the_balance_of_the_account = the_balance_of_the_account + 1", "test_of_the_whole_bank.py")
    lines = render_report(Report("h", columns=names, lanes=tuple(LaneStep(name, place, "read x") for name in names)))
    assert lines[3:7] == [
        "  1 main, 2 Thread-1 (pay), 3 Thread-2 (pay), 4 Thread-3 (pay),",
        "  5 Thread-4 (pay), 6 Thread-5 (pay), 7 Thread-6 (pay), 8 Thread-7 (pay),",
        "  9 Thread-8 (pay)",
        "  1 2 3 4 5 6 7 8 9",
    ]
    source = lines[9].partition("test_of_the_whole_bank.py:123  ")[2]
    assert source == "the_balance_of_the_account = the_bala..."
    assert len(source) == 40


def test_three_threads_keep_their_names() -> None:
    names = ("main", "Thread-1 (pay)", "Thread-2 (pay)", "Thread-3 (pay)")
    lines = render_report(Report("h", columns=names, lanes=tuple(LaneStep(name, READ, "read x") for name in names)))
    assert lines[3] == "  main Thread-1 Thread-2 Thread-3"


def test_of_a_long_file_name_the_end_is_told_so_that_the_line_is_seen() -> None:
    file = f"tests/test_{'very_' * 8}long.py"
    source = "total += 1  # " + "x" * 40
    lanes = tuple(LaneStep(name, Place(file, 100 + n, "go", source), "read") for n, name in enumerate("AB"))
    text = render_report(Report("it", columns=("A", "B"), lanes=lanes), 60)
    assert [line for line in text if "py:1" in line] == [
        "  * .  ~ery_very_very_very_long.py:100  total += 1  # xxx...",
        "  . *  ~ery_very_very_very_long.py:101  total += 1  # xxx...",
    ]


def test_a_long_note_is_wrapped() -> None:
    lines = render_report(Report("h", notes=("a word " * 20,)))
    assert lines[1].startswith("  note: a word")
    assert max(map(len, lines)) <= WIDTH


def test_a_step_without_a_place_is_told_by_what_it_is() -> None:
    lanes = (LaneStep("A", Place("", 0), "begins"), LaneStep("A", Place("", 0), "ends"))
    assert render_report(Report("h", lanes=lanes))[-1] == "  *  begins, ends"


def test_no_line_is_longer_than_a_terminal() -> None:
    long = at(12, "value = " + " + ".join(f"part_{n}" for n in range(30)), "a/deep/folder/bank.py")
    lanes = tuple(LaneStep(name, long, "read " + "x" * 20, "1" * 30) for name in ("A", "B", "A", "Thread-7 (x)"))
    lanes += tuple(LaneStep("A", long, f"read item {n}", "'" + "v" * 28 + "'") for n in range(9))
    lines = render_report(Report("h", columns=("A", "B", "Thread-7 (x)"), lanes=lanes, cause="because " * 30))
    assert max(map(len, lines)) <= WIDTH == 80
    assert lines[4] == "  * . .         bank.py:12  value = part_0 + part_1 + part_2 + part_3 + part_..."


def test_on_a_narrow_terminal_no_line_is_longer_either() -> None:
    place = at(12, "value = " + " + ".join(f"part_{n}" for n in range(30)))
    lanes = tuple(LaneStep(name, place, "read item", "1" * 20) for name in ("A", "B", "A"))
    states = (TaskState("A", "waits", place, Waiting("Lock.acquire", "Lock `a`")),)
    narrow = render_report(Report("h", tasks=states, columns=("A", "B"), lanes=lanes, cause="because " * 30), 44)
    assert max(map(len, narrow)) <= 44
    assert max(map(len, render_report(Report("h", lanes=lanes), 60))) == 60


def test_a_long_source_line_of_a_waiting_task_is_cut() -> None:
    place = at(12, "value = " + " + ".join(f"part_{n}" for n in range(30)))
    line = render_report(Report("h", tasks=(TaskState("A", "waits", place, Waiting("Lock.acquire", "Lock `a`")),)))[-1]
    assert len(line) == WIDTH
    assert line.startswith("       at bank.py:12  value = part_0 + part_1")
    assert line.endswith("...")


def test_equal_reports_give_equal_text() -> None:
    def make() -> Report:
        return Report("h", columns=("A", "B"), lanes=(LaneStep("A", READ, "r", "1"), LaneStep("B", READ, "r", "1")))

    assert render_report(make()) == render_report(make())
