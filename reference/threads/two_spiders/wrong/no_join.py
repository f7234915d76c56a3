"""Waits for nobody."""

import threading


def start_spider(crawl, site, seconds, name=None):
    thread = threading.Thread(target=crawl, args=(site,), kwargs={"seconds": seconds}, name=name, daemon=False)
    thread.start()
    return thread


def run_spiders(crawl, first, second):
    start_spider(crawl, *first)
    start_spider(crawl, *second)
