"""Joins only the spider that was started last."""

import threading


def start_spider(crawl, site, seconds, name=None):
    thread = threading.Thread(target=crawl, args=(site,), kwargs={"seconds": seconds}, name=name, daemon=False)
    thread.start()
    return thread


def run_spiders(crawl, first, second):
    for site, seconds in (first, second):
        thread = start_spider(crawl, site, seconds)
    thread.join()
