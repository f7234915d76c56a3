"""Joins, but only for as long as it should take."""

import threading


def start_spider(crawl, site, seconds, name=None):
    thread = threading.Thread(target=crawl, args=(site,), kwargs={"seconds": seconds}, name=name, daemon=False)
    thread.start()
    return thread


def run_spiders(crawl, first, second):
    threads = [start_spider(crawl, *first), start_spider(crawl, *second)]
    for thread, (_, seconds) in zip(threads, (first, second)):
        thread.join(timeout=seconds)
