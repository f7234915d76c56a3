"""A polite crawler: so many at once, not for ever, and not at once again. The contract is in README.md."""

from collections.abc import Iterable


async def fetch_all(
    addresses: Iterable[str], limit: int, tries: int = 3, patience: float = 10, pause: float = 1
) -> dict[str, bytes | Exception]:
    """Fetch all; return for each address what is there, or the exception of the last try."""
    raise NotImplementedError
