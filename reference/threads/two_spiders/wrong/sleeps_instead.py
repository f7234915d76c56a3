"""Sleeps for as long as it should take instead of joining."""

import threading
import time


def start_spider(crawl, site, seconds, name=None):
    thread = threading.Thread(target=crawl, args=(site,), kwargs={"seconds": seconds}, name=name, daemon=False)
    thread.start()
    return thread


def run_spiders(crawl, first, second):
    start_spider(crawl, *first)
    start_spider(crawl, *second)
    time.sleep(max(first[1], second[1]))
