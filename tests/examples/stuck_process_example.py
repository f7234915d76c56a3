import multiprocessing


def write(letters):
    letters.put("x" * 1_000_000)


def test_writer_is_joined_before_anybody_reads():
    processes = multiprocessing.get_context("fork")
    letters = processes.Queue()
    writer = processes.Process(target=write, args=(letters,), name="Ann")
    writer.start()
    writer.join()
    assert len(letters.get()) == 1_000_000
