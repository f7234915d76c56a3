import gevent.event


def weave(thread, cloth):
    thread.wait()
    cloth.append("a yard")


def test_every_loom_weaves(guard):
    thread, cloth = gevent.event.Event(), []
    looms = [guard.gevent(weave, thread, cloth, name=name) for name in ("Ann", "Ben")]
    guard.join(*looms, timeout=0.5)
    assert cloth == ["a yard"] * 2
