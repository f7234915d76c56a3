"""Makes the thread and leaves it at that."""

import threading


def start_spider(crawl, site, seconds, name=None):
    thread = threading.Thread(target=crawl, args=(site,), kwargs={"seconds": seconds}, name=name, daemon=False)
    return thread


def run_spiders(crawl, first, second):
    threads = [start_spider(crawl, *first), start_spider(crawl, *second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
