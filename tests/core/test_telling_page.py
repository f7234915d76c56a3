"""A page of failures: everything escaped, nothing fetched, its own script and style and no other."""

import base64
import hashlib
import json
import re
from typing import Any

import pytest
from drawn_report import EVIL, report

from pytest_concurrency._core.telling.page import render_page
from pytest_concurrency._core.telling.picture import BEGINNING, MOST_STEPS, picture
from pytest_concurrency._core.telling.report import HandOver, Picture, Report


def data(page: str) -> Any:
    (found,) = re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    return json.loads(found)


def test_what_others_have_named_is_never_markup() -> None:
    page = render_page([picture(f"test_{EVIL}", report(EVIL))])
    assert "<b>&amp;" not in page
    assert page.count("</script>") == 2  # of its values, and of its own
    assert "&lt;/script&gt;&lt;b&gt;" in page
    assert data(page)["lanes"] == ["main", EVIL]
    assert data(page)["steps"][1]["holds"] == [[1, "Lock `a`"]]


def test_the_policy_allows_the_pages_own_script_and_style_alone() -> None:
    page = render_page([picture("test_a", report())])
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    texts = re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", page, re.DOTALL)
    hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for each in texts}
    assert len(hashes) == 2
    assert hashes == set(re.findall(r"'sha256-[^']*'", policy))
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert not re.search(r"<[^>]*\son\w+=", page)
    assert not re.search(r"\s(?:src|href)=\"(?!#)", page)
    assert not re.search(r"url\(|@import|<link|<iframe|fetch\(", page)


def test_values_cause_source_and_command_stand_in_it() -> None:
    page = render_page([picture("test_a", report())])
    for text in ("read 1", "= 1", "Ann came late", "pytest Ann", "AssertionError: Ann", "of Ann", "# Ann", "bank.py:7"):
        assert text in page
    assert '<span class="gap">⋯</span>' in page  # between line 7 and line 90


def test_several_failures_have_a_list_above() -> None:
    pictures = [picture(test, report()) for test in ("test_a", "test_b")]
    page = render_page(pictures)
    assert "<title>2 failing explorations</title>" in page
    assert re.findall(r'<a href="(#f\d)">(\w+)</a>', page) == [("#f1", "test_a"), ("#f2", "test_b")]
    assert "<nav" not in render_page(pictures[:1])


@pytest.mark.parametrize(("ended", "title"), [(True, "No failing exploration"), (False, "The session has not ended")])
def test_a_page_without_a_failure_says_so(ended: bool, title: str) -> None:  # noqa: FBT001 - parametrised
    page = render_page([], ended=ended)
    assert f"<h1>{title}</h1>" in page
    assert "<article" not in page


def test_a_failure_without_steps_has_no_stepper() -> None:
    page = render_page([picture("test_a", Report("left behind: a thread"))])
    assert "left behind: a thread" in page
    assert '<section class="stepper"' not in page


def test_of_a_long_run_the_middle_is_left_out() -> None:
    values = picture("test_a", report(count=MOST_STEPS + 70))
    assert len(values["steps"]) == MOST_STEPS
    assert values["steps"][BEGINNING - 1]["what"] == f"read {BEGINNING - 1}"
    assert values["steps"][BEGINNING]["what"] == f"read {BEGINNING + 70}"
    page = render_page([values])
    assert "70 steps are left out here" in page
    assert f'<span class="no">{MOST_STEPS + 70}</span>' in page


def test_a_hand_over_between_steps_of_which_one_is_left_out_is_not_drawn() -> None:
    long = report(count=MOST_STEPS + 70)
    assert long.picture is not None
    overs = (HandOver(0, BEGINNING + 5, "get"), HandOver(1, BEGINNING + 71, "get"))
    drawn = Report(
        long.headline,
        columns=long.columns,
        lanes=long.lanes,
        picture=Picture(long.picture.standings, overs, long.picture.sources),
    )
    assert picture("test_a", drawn)["hand_overs"] == [[1, BEGINNING + 1, "get"]]
