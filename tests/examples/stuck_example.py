import queue
import threading


def test_consumer_waits_for_nobody():
    jobs = queue.Queue()
    consumer = threading.Thread(target=jobs.get)
    consumer.start()
    consumer.join()
