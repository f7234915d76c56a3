import threading
import time


def run_spiders(*seconds):
    spiders = [threading.Thread(target=time.sleep, args=(each,)) for each in seconds]
    for spider in spiders:
        spider.start()
    for spider in spiders:
        spider.join()


def test_side_by_side(timing):
    with timing.virtual():  # exact: no real time passes
        with timing.within(at_least=5, at_most=5):
            run_spiders(3, 5)
