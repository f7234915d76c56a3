"""Cook, counter, guest: three stages, joined by queues. The contract is in README.md."""

from collections.abc import Callable, Hashable, Iterable

Guest = Hashable
Thing = object


def serve(
    orders: Iterable[tuple[Guest, Thing]],
    cooks: int,
    cook: Callable[[Thing], Thing],
    pack: Callable[[Thing], Thing],
    eat: Callable[[Guest, Thing], object],
) -> None:
    """Cook, pack and serve all orders; return when everything is eaten."""
    raise NotImplementedError
