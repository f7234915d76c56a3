import multiprocessing

processes = multiprocessing.get_context("fork")


def visit(hits, lock):
    with lock:
        seen = hits.value
    with lock:
        hits.value = seen + 1


def test_two_visitors_are_two_hits(race):
    def scenario():
        lock, hits = processes.Lock(), processes.Value("i", 0, lock=False)
        visitors = [processes.Process(target=visit, args=(hits, lock)) for _ in range(2)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        assert hits.value == 2

    race.explore(scenario)
