"""One thread less: the caller has to wait anyway, so it crawls the second site itself."""

from functools import partial
from threading import Thread


def start_spider(crawl, site, seconds, name=None):
    thread = Thread(None, partial(crawl, site, seconds=seconds), name)
    thread.daemon = False
    thread.start()
    return thread


def run_spiders(crawl, first, second):
    spider = start_spider(crawl, *first)
    site, seconds = second
    crawl(site, seconds=seconds)
    spider.join()
