"""A pool for the two: leaving the `with` block waits for all that was submitted."""

import threading
from concurrent.futures import ThreadPoolExecutor


def start_spider(crawl, site, seconds, name=None):
    def job():
        crawl(site, seconds=seconds)

    thread = threading.Thread(target=job, daemon=False)
    if name is not None:
        thread.name = name
    thread.start()
    return thread


def run_spiders(crawl, first, second):
    with ThreadPoolExecutor(max_workers=2) as pool:
        for site, seconds in (first, second):
            pool.submit(crawl, site, seconds=seconds)
