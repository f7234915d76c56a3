"""Makes every spider a daemon."""

import threading


def start_spider(crawl, site, seconds, name=None):
    thread = threading.Thread(target=crawl, args=(site,), kwargs={"seconds": seconds}, name=name, daemon=True)
    thread.start()
    return thread


def run_spiders(crawl, first, second):
    threads = [start_spider(crawl, *first), start_spider(crawl, *second)]
    for thread in threads:
        thread.join()
