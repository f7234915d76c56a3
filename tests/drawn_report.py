"""A report with all that can be drawn, whose names are markup where a test wants it."""

from pytest_concurrency._core.telling.report import HandOver, LaneStep, Picture, Place, Report, Source, Standing

EVIL = "</script><b>&amp;\u2028'\""
PLACE = Place("src/bank.py", 7, "withdraw", "self.balance -= amount")


def report(name: str = "Ann", count: int = 3) -> Report:
    lanes = tuple(LaneStep(name if n % 2 else "main", PLACE, f"read {n}", "1") for n in range(count))
    return Report(
        f"main raised {name}",
        error=(f"AssertionError: {name}",),
        columns=("main", name),
        lanes=lanes,
        replay=f"pytest {name}",
        cause=f"{name} came late",
        notes=(f"of {name}",),
        picture=Picture(
            tuple(Standing(((name, "Lock `a`"),), (("main", f"thread {name}"),)) for _ in lanes),
            (HandOver(0, 1, "acquire"),),
            (Source("src/bank.py", ((6, f"# {name}"), (7, PLACE.source), (90, "pass"))),),
        ),
    )
