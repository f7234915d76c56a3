"""Two spiders: the tests. Time is virtual in them, and the threads mix in many ways."""

import functools
import threading
import time

import pytest
from two_spiders import run_spiders, start_spider


class Site:
    """A far computer that notes who crawled it."""

    def __init__(self):
        self.calls = []
        self.finished = []
        self.threads = []
        self.names = []

    def crawl(self, *args, **kwargs):
        """Take as long as was said."""
        self.crawl_for(kwargs.get("seconds", 0), *args, **kwargs)

    def crawl_for(self, really, *args, **kwargs):
        """Take as long as it takes."""
        self.names.append(threading.current_thread().name)
        self.threads.append(threading.current_thread())
        self.calls.append((args, kwargs))
        time.sleep(really)
        self.finished.extend(args)


@pytest.mark.task(1)
def test_the_thread_is_back_at_once(race):
    def scenario():
        site = Site()
        began = time.monotonic()
        thread = start_spider(site.crawl, "news", 3)
        took = time.monotonic() - began
        assert took == 0, (
            f"start_spider came back after {took:g} s instead of at once: the caller did the "
            "crawling or waited for it; give the function to Thread(target=…) without calling it, "
            "then start() the thread"
        )
        assert isinstance(thread, threading.Thread), f"start_spider returned {thread!r} instead of the thread"
        assert thread.ident is not None, "the thread that start_spider returned was never started: call start()"
        thread.join()
        assert time.monotonic() - began == 3, "joining the thread did not wait for the crawl"

    race.explore(scenario, schedules=30)


@pytest.mark.task(1)
def test_the_site_is_crawled_once_in_the_new_thread(race):
    def scenario():
        site = Site()
        thread = start_spider(site.crawl, "news", 3)
        thread.join()
        wanted = [(("news",), {"seconds": 3})]
        assert site.calls == wanted, (
            f"crawl was called with {site.calls}, it should be {wanted}: args is a tuple, "
            "args=(site,) with a comma, and seconds goes into kwargs"
        )
        assert site.threads == [thread], (
            f"crawl ran in {site.threads[0].name}, not in the thread that was returned: call start(), not run()"
        )

    race.explore(scenario, schedules=30)


@pytest.mark.task(1)
@pytest.mark.means(AttributeError="crawl has no __name__: whatever can be called will do, only call it")
def test_nothing_is_handed_on_like_anything(race):
    def scenario():
        site = Site()

        def crawl(returned, *args, **kwargs):
            site.crawl(*args, **kwargs)
            return returned

        start_spider(functools.partial(crawl, functools.partial(site.crawl, "what crawl returned")), "", 0).join()
        wanted = [(("",), {"seconds": 0})]
        assert site.calls == wanted, (
            f"crawl was called with {site.calls}, it should be {wanted}: 0 seconds and an empty site are handed on "
            "like all others, once; ask neither them nor what crawl returns whether they are true, and do not call that"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_each_spider_has_a_thread_of_its_own(race):
    def scenario():
        site = Site()
        began = time.monotonic()
        threads = [start_spider(site.crawl, "news", 3), start_spider(site.crawl, "maps", 5)]
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        assert took == 5, (
            f"spiders of 3 s and 5 s, sent out one right after the other, needed {took:g} s instead of 5 s: "
            "each has a thread of its own, and waits for no other spider"
        )
        assert set(site.threads) == set(threads), "two spiders were out, and it was one thread that crawled"

    race.explore(scenario, schedules=6)


@pytest.mark.task(1)
def test_seventy_spiders_need_as_long_as_one(timing):
    site = Site()
    with timing.virtual():
        began = time.monotonic()
        for thread in [start_spider(site.crawl, f"site {number}", 1) for number in range(70)]:
            thread.join()
        took = time.monotonic() - began
    assert took == 1, (
        f"70 spiders that need 1 s each were all home after {took:g} s instead of 1 s: not all could be out at the "
        "same time; a pool or a semaphore has a limit, each spider needs a thread of its own"
    )


@pytest.mark.task(2)
def test_the_spider_knows_its_name(race):
    def scenario():
        site = Site()
        thread = start_spider(site.crawl, "news", 3, name="spider of the news")
        thread.join()
        assert thread.name == "spider of the news", f"the thread is called {thread.name!r}, not by its name"
        assert site.names == ["spider of the news"], (
            f"while it crawled the spider was still called {site.names}: it got its name after it had been started"
        )

    race.explore(scenario, schedules=100)


@pytest.mark.task(2)
def test_two_spiders_may_have_the_same_name(race):
    def scenario():
        site = Site()
        threads = [start_spider(site.crawl, where, 1, name="spider") for where in ("news", "maps")]
        for thread in threads:
            thread.join()
        assert sorted(site.finished) == ["maps", "news"] and threads[0] is not threads[1], (
            f"two spiders with the same name were sent out, for news and maps, and {sorted(site.finished)} was "
            "crawled: each call sends out a spider of its own, whatever it is called"
        )
        assert site.names == ["spider", "spider"], (
            f"two spiders with the same name were sent out, and were called {site.names}: each bears the name that was "
            "given, whoever else bears it"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_without_a_name_python_chooses_one(race):
    def scenario():
        site = Site()
        threads = [start_spider(site.crawl, "news", 1), start_spider(site.crawl, "maps", 1)]
        for thread in threads:
            thread.join()
        names = [thread.name for thread in threads]
        assert all(name.startswith("Thread-") for name in names), (
            f"without a name the threads are called {names}; leave the name to Python: it says Thread-1, Thread-2, …"
        )
        assert names[0] != names[1], f"both threads are called {names[0]!r}"

    race.explore(scenario, schedules=30)


@pytest.mark.task(3)
@pytest.mark.parametrize("daemon", [False, True], ids=["from a usual thread", "from a daemon"])
def test_the_spider_is_no_daemon(race, daemon):
    def scenario():
        site, threads = Site(), []
        caller = threading.Thread(target=lambda: threads.append(start_spider(site.crawl, "news", 1)), daemon=daemon)
        caller.start()
        caller.join()
        assert not any(thread.daemon for thread in threads), (
            "the spider is a daemon: it would be cut short when the program ends; "
            "a thread made by a daemon is one too, unless you say daemon=False"
        )
        assert site.calls or threads, "start_spider failed when another thread than the main one called it"

    race.explore(scenario, schedules=30)


@pytest.mark.task(4)
@pytest.mark.parametrize(("first", "second"), [(3, 5), (5, 3), (4, 4)])
def test_side_by_side(race, first, second):
    def scenario():
        site = Site()
        began = time.monotonic()
        run_spiders(site.crawl, ("news", first), ("maps", second))
        took, slower = time.monotonic() - began, max(first, second)
        assert took != first + second, (
            f"the spiders ran one after the other: {took:g} s instead of {slower} s; start both before you join one"
        )
        assert took >= slower, f"run_spiders came back after {took:g} s, before both were home: join both"
        assert took == slower, (
            f"crawling for {first} s and {second} s side by side took {took:g} s instead of {slower} s"
        )

    race.explore(scenario, schedules=5)


@pytest.mark.task(4)
def test_each_site_is_crawled_once(race):
    def scenario():
        site = Site()
        run_spiders(site.crawl, ("news", 3), ("maps", 5))
        wanted = [(("maps",), {"seconds": 5}), (("news",), {"seconds": 3})]
        assert sorted(site.calls, key=repr) == wanted, f"crawl was called with {site.calls}, it should be {wanted}"

    race.explore(scenario, schedules=30)


@pytest.mark.task(5)
@pytest.mark.parametrize(("first", "second"), [(3, 5), (5, 3), (4, 4)])
def test_both_have_finished_on_return(race, first, second):
    def scenario():
        site = Site()
        run_spiders(site.crawl, ("news", first), ("maps", second))
        finished = sorted(site.finished)
        assert finished == ["maps", "news"], (
            f"run_spiders came back while a spider was still out: only {finished} finished; join both threads"
        )

    race.explore(scenario, schedules=9, clock="any")


@pytest.mark.task(5)
def test_a_crawl_may_take_longer_than_guessed(race):
    def scenario():
        site = Site()
        really = {"news": 60, "maps": 90}
        run_spiders(lambda name, seconds: site.crawl_for(really[name], name, seconds=seconds), ("news", 3), ("maps", 0))
        finished = sorted(site.finished)
        assert finished == ["maps", "news"], (
            "the sites took longer than guessed, and run_spiders did not wait for them: only "
            f"{finished} finished; sleep cannot know how long a thread takes, join() does"
        )

    race.explore(scenario, schedules=30)


@pytest.mark.task(5)
def test_a_crawl_may_take_shorter_than_guessed(race):
    def scenario():
        site = Site()
        began = time.monotonic()
        run_spiders(lambda *args, **kwargs: site.crawl_for(1, *args, **kwargs), ("news", 3), ("maps", 5))
        took = time.monotonic() - began
        assert took == 1, (
            f"both spiders were home after 1 s, and run_spiders came back after {took:g} s: do not sleep, join()"
        )

    race.explore(scenario, schedules=30)


@pytest.mark.task(4)
def test_a_stranger_is_not_waited_for(race):
    def scenario():
        strangers = [threading.Thread(target=time.sleep, args=(60,)) for _ in range(2)]
        strangers[0].start()

        def crawl(site, seconds):
            if site == "news":
                strangers[1].start()
            time.sleep(seconds)

        began = time.monotonic()
        run_spiders(crawl, ("news", 3), ("maps", 5))
        took = time.monotonic() - began
        assert took == 5, (
            f"two other threads of the program needed 60 s, and run_spiders came back after {took:g} s instead of "
            "5 s: wait for your two spiders, and for nobody else"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(5)
@pytest.mark.parametrize(("first", "second"), [(3, 5), (5, 3), (4, 4)])
def test_both_may_go_to_the_same_site(race, first, second):
    def scenario():
        site = Site()
        run_spiders(site.crawl, ("news", first), ("news", second))
        assert len(site.calls) == 2, (
            f"two spiders were sent to the same site, for {first} s and {second} s, and crawl was called with "
            f"{site.calls} only: each pair is a spider of its own, a dictionary by site has room for one"
        )
        assert len(site.finished) == 2, (
            f"two spiders were sent to the same site, for {first} s and {second} s, and run_spiders came back while "
            "one was still out: keep the threads in a list, a dictionary by site has room for one"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(5)
def test_two_may_send_spiders_at_the_same_time(race):
    def scenario():
        seen = []

        def send(first, second):
            site, began = Site(), time.monotonic()
            run_spiders(site.crawl, ("news", first), ("maps", second))
            seen.append((second, sorted(site.finished), time.monotonic() - began))

        race.run(lambda: send(3, 5), lambda: send(4, 7))
        wanted = [(5, ["maps", "news"], 5), (7, ["maps", "news"], 7)]
        assert sorted(seen) == wanted, (
            "two threads called run_spiders at the same time, one for 3 s and 5 s, the other for 4 s and 7 s; "
            f"(slower, finished, took) was {sorted(seen)} instead of {wanted}: what a call waits with must be its own"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(5)
def test_a_spider_may_send_spiders(race):
    def scenario():
        site, began = Site(), time.monotonic()

        def crawl(name, seconds):
            if name == "portal":
                run_spiders(site.crawl, ("news", 3), ("maps", 5))
            else:
                site.crawl(name, seconds=seconds)

        run_spiders(crawl, ("portal", 1), ("shop", 1))
        took, finished = time.monotonic() - began, sorted(site.finished)
        assert (finished, took) == (["maps", "news", "shop"], 5), (
            f"a spider sent out two more, for 3 s and 5 s; run_spiders came back after {took:g} s with {finished}, "
            "it should be 5 s and all three"
        )

    race.explore(scenario, schedules=6)
