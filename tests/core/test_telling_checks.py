"""Whether a line that asks something of a value would answer otherwise for another one; where that is certain."""

import pytest

from pytest_concurrency._core.telling.checks import is_answered_otherwise


@pytest.mark.parametrize(
    ("source", "before", "after", "is_otherwise"),
    [
        ("ok = self.n > 0", "1", "0", True),
        ("ok = self.n > 0", "2", "1", False),
        ("with lock: ok = 0 < n", "1", "0", True),
        ("ok: bool = not n", "''", "'x'", True),
        ("ok = n is None", "None", "<shop.Sign>", True),
        ("ok = n is not None", "<shop.Sign>", "<shop.Sign>", False),
        ("ok = n", "<shop.Sign>", "None", False),
        ("ok = n == 3", "<shop.Sign>", "3", False),
        ("ok = n > 0", "1", "None", False),
        ("ok = n > other", "1", "0", False),
        ("ok = n > 0 and m", "1", "0", False),
        ("ok = check(n)", "1", "0", False),
        ("ok = n == [1, 2, 3]", "[1, 2, 3...", "[]", False),
        ("ok = n > 0", "", "0", False),
        ("if n > 0:", "1", "0", False),
        ("ok = (n >", "1", "0", False),
    ],
)
def test_only_what_is_certain(source: str, before: str, after: str, is_otherwise: bool) -> None:  # noqa: FBT001
    assert is_answered_otherwise(source, "n", before, after) is is_otherwise


@pytest.mark.parametrize(
    ("source", "before", "after", "is_otherwise"),
    [
        ("ok = box['n'] > 0", "{'n': 1}", "{'n': 0}", True),
        ("ok = box['n'] > 0", "{'n': 1}", "{}", False),
        ("ok = box[0] > 0", "[1, 2]", "[0, 2]", True),
        ("ok = box[at] > 0", "[1, 2]", "[0, 2]", False),
        ("ok = other['n'] > 0", "{'n': 1}", "{'n': 0}", False),
        ("ok = box['n'] > 0", "<shop.Box>", "{'n': 0}", False),
    ],
)
def test_an_item_is_looked_up_in_its_container(source: str, before: str, after: str, is_otherwise: bool) -> None:  # noqa: FBT001
    assert is_answered_otherwise(source, "item of box", before, after) is is_otherwise
