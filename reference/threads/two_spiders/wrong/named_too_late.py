"""Names the thread after it has been started."""

import threading


def start_spider(crawl, site, seconds, name=None):
    thread = threading.Thread(target=crawl, args=(site,), kwargs={"seconds": seconds}, daemon=False)
    thread.start()
    if name is not None:
        thread.name = name
    return thread


def run_spiders(crawl, first, second):
    threads = [start_spider(crawl, *first), start_spider(crawl, *second)]
    for thread in threads:
        thread.join()
