import multiprocessing


def work(results):
    results.put("x" * 1_000_000)


def test_a_large_result():
    results = multiprocessing.Queue()
    worker = multiprocessing.Process(target=work, args=(results,), name="worker")
    worker.start()
    worker.join()
    assert len(results.get()) == 1_000_000
