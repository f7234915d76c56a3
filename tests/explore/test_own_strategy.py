"""The example of a strategy of one's own keeps its word."""

from explore.own_strategy_example import test_two_adders

__all__ = ("test_two_adders",)
