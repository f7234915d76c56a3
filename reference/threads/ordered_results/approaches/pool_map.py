"""The map of a pool that is wide enough keeps the order by itself."""

from concurrent.futures import ThreadPoolExecutor


def in_threads(function, items):
    if not items:
        return []
    with ThreadPoolExecutor(max_workers=len(items)) as pool:
        return list(pool.map(function, items))


def squares(numbers, square):
    return [*zip(numbers, in_threads(square, numbers))]
