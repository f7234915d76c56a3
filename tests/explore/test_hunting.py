"""To which runs of an exploration the hunts for races and deadlocks listen."""

from pytest_concurrency._oracles.oracle import Hunt


def test_they_listen_often_at_first_and_now_and_then_later() -> None:
    hunt, heard = Hunt(None), []
    for count in range(100):
        hunt.turn(count)
        if hunt.on:
            heard.append(count)
    assert heard == [0, 1, 3, 7, 15, 31, 40, 63, 80]


def test_what_is_tried_on_purpose_is_always_heard() -> None:
    hunt = Hunt(None)
    hunt.turn(2)
    with hunt.listening():
        assert hunt.on
    assert not hunt.on
