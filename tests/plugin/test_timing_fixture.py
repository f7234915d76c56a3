"""The fixture `timing`: bounds, speed-ups and overlap, in real and in virtual time."""

import pytest

TOOLS = """
    import threading, time
    from concurrent.futures import ThreadPoolExecutor

    import pytest

    def fetch(number):
        time.sleep(0.02)
        return number

    def serial():
        return [fetch(n) for n in range(5)]

    def threaded():
        with ThreadPoolExecutor(5) as pool:
            return list(pool.map(fetch, range(5)))
"""


def run(pytester: pytest.Pytester, program: str, *args: str) -> pytest.RunResult:
    pytester.makepyfile(tools=TOOLS, test_it=f"from tools import *\n{program}")
    return pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:cacheprovider", "-rs", *args, timeout=90)


@pytest.mark.soak
def test_bounds(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_kept(timing):
    with timing.within(at_least=0.1, at_most=30):
        time.sleep(0.1)
    with timing.virtual(), timing.within(at_least=5, at_most=5):
        time.sleep(5)

def test_misuse(timing):
    with pytest.raises(ValueError, match="needs 0 <= at_least <= at_most, got 2 and 1"):
        timing.within(2, 1)

def test_an_error_of_the_body_wins(timing):
    with pytest.raises(KeyError), timing.within(at_least=9):
        raise KeyError

def test_too_fast(timing):
    with timing.within(at_least=5):
        pass

def test_too_slow_in_virtual_time(timing):
    with timing.virtual(), timing.within(at_most=5):
        time.sleep(6)

def test_too_slow(timing, monkeypatch):
    quiet(monkeypatch, 0.0)
    with timing.within(at_most=0.05):
        time.sleep(0.2)

def test_too_noisy(timing, monkeypatch):
    quiet(monkeypatch, 99)
    with timing.within(at_most=0.05):
        time.sleep(0.2)

def quiet(monkeypatch, seconds):
    from pytest_concurrency._core.timing import Noise
    from pytest_concurrency._machine.noise import NoiseMeter
    real = NoiseMeter.__exit__
    def leave(self, *error):
        real(self, *error)
        self.noise = Noise(0, round(seconds * 1e9))
    monkeypatch.setattr(NoiseMeter, "__exit__", leave)
""",
    )
    result.assert_outcomes(passed=3, failed=3, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "*took * s of real time, less than at_least=5 s",
            "*took 6 s of virtual time, more than at_most=5 s",
            "*took * s of real time, more than at_most=0.05 s",
            "SKIPPED*too noisy to tell: took * s of real time, more than at_most=0.05 s, but meanwhile *for 99 s",
        ]
    )


@pytest.mark.soak
def test_speedup(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_real(timing):
    speedup = timing.speedup(serial, int, seconds=1)
    assert speedup > 2
    assert 2 < speedup.low <= speedup.median <= speedup.high
    assert len(speedup.ratios) >= 5

def test_virtual(timing):
    with timing.virtual():
        speedup = timing.speedup(serial, threaded)
    assert speedup == 5
    assert repr(speedup).startswith("5.00 times faster")

def test_none(timing):
    assert timing.speedup(serial, serial, seconds=1) > 50

def test_undecided(timing):
    turns = iter([1, 3] * 100)
    def slow():
        time.sleep(0.01 * next(turns))
    assert timing.speedup(slow, lambda: time.sleep(0.01), seconds=0.5) >= 2

def test_misuse(timing):
    with pytest.raises(TypeError, match="takes two functions, got 1"):
        timing.speedup(1, serial)
""",
    )
    result.assert_outcomes(passed=3, failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        ["*assert * times faster (between * and * in * pairs) > 50", "SKIPPED*too noisy to tell:*"]
    )


@pytest.mark.soak
def test_overlap_without_a_clock(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def several(function, workers, jobs):
    with ThreadPoolExecutor(workers) as pool:
        return [future.exception() for future in [pool.submit(function, n) for n in range(jobs)]]

def meeting(number, then=None):
    everybody = threading.Barrier(number)
    def meet(_):
        everybody.wait()
        if then is not None:
            raise then
    return meet

def test_peak(timing):
    for number, error in [(5, None), (3, ValueError())]:
        meet = meeting(number, error)
        assert timing.peak(lambda: several(meet, number, 3 * number), counting=meet) == number
    assert timing.peak(serial, counting=fetch) == 1
    assert timing.peak(lambda: None, counting=fetch) == 0
    with timing.virtual():
        assert timing.peak(threaded, counting=fetch) == 5

def test_peak_of_methods(timing):
    both = threading.Barrier(2)
    class Site:
        def fetch(self, number):
            both.wait()
        def __call__(self, number):
            both.wait()
    site = Site()
    assert timing.peak(lambda: several(site.fetch, 2, 8), counting=site.fetch) == 2
    assert timing.peak(lambda: several(site, 2, 8), counting=site) == 2

def test_peak_of_nothing_in_python(timing):
    with pytest.raises(TypeError, match="must be a function written in Python, got <built-in function sleep>"):
        timing.peak(serial, counting=time.sleep)

def test_probe(timing):
    probe = timing.probe()
    several(probe(meeting(4)), 4, 8)
    assert (probe.peak, probe.inside, probe.entered) == (4, 0, 8)
    with probe:
        assert repr(probe) == "<probe: 1 inside, at most 4 at once, 9 altogether>"
""",
    )
    result.assert_outcomes(passed=4)


@pytest.mark.soak
def test_a_whole_test_in_virtual_time(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.virtual_time
def test_threads(timing):
    with timing.within(at_least=3600, at_most=3600):
        threads = [threading.Thread(target=time.sleep, args=(3600,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

@pytest.mark.virtual_time
def test_failure():
    assert time.monotonic() == 5

@pytest.mark.virtual_time
def test_skip():
    pytest.skip("as ever")

@pytest.mark.virtual_time
def test_deadlock():
    threading.Event().wait()

def test_real_again():
    assert threading.Thread.join.__module__ == "pytest_concurrency._runtimes.threads.starting"
    began = time.monotonic()
    time.sleep(0.01)
    assert time.monotonic() > began
""",
    )
    result.assert_outcomes(passed=2, failed=2, skipped=1)
    result.stdout.fnmatch_lines(["*assert 1000* == 5*", "deadlock: main waits for ever"])
