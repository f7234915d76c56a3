"""A class of its own: the spider is the thread, and `run` is what it does."""

import threading


class Spider(threading.Thread):
    """A thread that crawls one site."""

    def __init__(self, crawl, site, seconds, name=None):
        super().__init__(name=name)
        self.daemon = False
        self.crawl, self.site, self.seconds = crawl, site, seconds

    def run(self):
        self.crawl(self.site, seconds=self.seconds)


def start_spider(crawl, site, seconds, name=None):
    spider = Spider(crawl, site, seconds, name)
    spider.start()
    return spider


def run_spiders(crawl, first, second):
    spiders = [Spider(crawl, *first), Spider(crawl, *second)]
    for spider in spiders:
        spider.start()
    for spider in reversed(spiders):
        spider.join()
