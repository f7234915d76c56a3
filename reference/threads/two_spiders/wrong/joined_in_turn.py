"""Joins the first spider before it starts the second."""

import threading


def start_spider(crawl, site, seconds, name=None):
    thread = threading.Thread(target=crawl, args=(site,), kwargs={"seconds": seconds}, name=name, daemon=False)
    thread.start()
    return thread


def run_spiders(crawl, first, second):
    for site, seconds in (first, second):
        start_spider(crawl, site, seconds).join()
