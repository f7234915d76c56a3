import multiprocessing
from pathlib import Path

processes = multiprocessing.get_context("fork")


def count(file):
    seen = int(file.read_text())
    file.write_text(str(seen + 1))


def test_two_visitors_are_counted(race, tmp_path):
    def scenario():
        file = Path(tmp_path / "count.txt")
        file.write_text("0")
        visitors = [processes.Process(target=count, args=(file,)) for _ in range(2)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        assert file.read_text() == "2"

    race.explore(scenario)
