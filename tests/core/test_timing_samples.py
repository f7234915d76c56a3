"""What samples of time allow to say."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_concurrency._core.timing import BROKEN, KEPT, TOO_NOISY, Noise, Speedup, is_settled, judge_bounds

MS = 1_000_000


@pytest.mark.parametrize(
    ("took", "noise", "verdict"),
    [
        (5, Noise(), KEPT),
        (10, Noise(), KEPT),
        (1, Noise(), BROKEN),
        (1, Noise(0, 99), BROKEN),  # noise makes nothing faster
        (11, Noise(), BROKEN),
        (11, Noise(0, 2), TOO_NOISY),
        (11, Noise(2, 0), TOO_NOISY),
        (20, Noise(4, 5), BROKEN),
    ],
)
def test_bounds(took: int, noise: Noise, verdict: str) -> None:
    assert judge_bounds(took, 2, 10, noise) == verdict


@pytest.mark.parametrize(
    ("noise", "text"),
    [
        (Noise(3 * MS, 0), "a sleep ended 3 ms late"),
        (Noise(0, 2_500 * MS), "threads stood in line for a CPU for 2.5 s"),
    ],
)
def test_noise_in_words(noise: Noise, text: str) -> None:
    assert str(noise) == text


def test_a_speedup_is_shown_with_its_spread() -> None:
    assert repr(Speedup((2.0, 2.2, 2.1, 1.9, 2.4))) == "2.10 times faster (between 1.90 and 2.40 in 5 pairs)"


def test_a_comparison_holds_for_the_whole_spread() -> None:
    speedup = Speedup((1.8, 2.0, 2.2))
    assert speedup > 1.7
    assert not speedup > 1.9
    assert speedup < 2.3
    assert not speedup < 2.1
    assert speedup == 2
    assert speedup != 3
    assert float(speedup) == 2.0
    assert Speedup((5.0,)) > speedup
    assert speedup < Speedup((5.0,))
    assert len({speedup, Speedup((1.8, 2.0, 2.2))}) == 1


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=40))
def test_the_median_lies_in_the_spread(ratios: list[float]) -> None:
    speedup = Speedup(tuple(ratios))
    assert min(ratios) <= speedup.low <= speedup.median <= speedup.high <= max(ratios)
    assert math.isclose(speedup.median, statistics.median(ratios))


def test_the_spread_leaves_out_as_many_values_as_a_sign_test_allows() -> None:
    spreads = {n: Speedup(tuple(float(v) for v in range(1, n + 1))) for n in (5, 8, 9, 12, 17, 25)}
    assert {n: (s.low, s.high) for n, s in spreads.items()} == {
        5: (1, 5),
        8: (1, 8),
        9: (2, 8),
        12: (3, 10),
        17: (5, 13),
        25: (8, 18),
    }


def test_when_to_stop_measuring() -> None:
    assert not is_settled([2.0] * 5, 0.1)
    assert is_settled([2.0] * 6, 0.1)
    assert not is_settled([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 0.1)
