"""The market stall: the tests. The processes are real here, and so is time, but nothing is judged by it."""

import contextlib
import multiprocessing
import os
import signal
from functools import partial

import pytest
from daemon_process import may_hire, open_stall, watch_over

MANY = 200  # looks
ANSWERS = [True, False, True, LookupError("handed over, not raised")]  # of the first looks: they mean nothing


def bark(post, line, night):
    """Call until it is night, and hold the line."""
    post.put(("barker", os.getpid()))
    line.send("calls")  # not in the post: whoever is ended while he has its lock keeps it
    night.acquire()
    line.close()


def nothing():
    """Help, and be done."""


def carry(post, line, late, *given):
    """Let somebody help with a parcel, and deliver it when it is late."""
    parcel = given[0] if len(given) == 1 else f"{len(given)} arguments, {given}"
    line.close()
    helper = multiprocessing.Process(target=nothing)
    try:
        helper.start()
        helper.join()
    except AssertionError as error:
        post.put(("boy failed", repr(error)))
        raise
    post.put(("boy", parcel))
    late.acquire()
    post.put(("delivered", parcel))


def keep_stall(post, line, parcels, evening, night, late):
    """Open a stall, and close it in the evening."""
    try:
        barker, boys = open_stall(partial(bark, post, line, night), partial(carry, post, line, late), iter(parcels))
    except Exception as error:
        post.put(("failed", "not started" if isinstance(error, NotImplementedError) else repr(error)))
        raise
    line.close()
    post.put(("open", (os.getpid(), barker.pid, len(boys))))
    evening.acquire()


@pytest.fixture
def times():
    """Return two moments of a day, and a late one; all of them come in the end."""
    moments = [multiprocessing.Semaphore(0) for _ in range(3)]
    yield moments
    for moment in moments:
        come(moment)


def come(moment):
    """Let a moment come: for everybody, and who was ended while he waited for it harms nobody."""
    for _ in range(9):
        moment.release()


def begin(post, parcels, times):
    """Let a stall open; return it, all that is heard until then, and a line that ends with its barker."""
    reader, writer = multiprocessing.Pipe(duplex=False)
    stall = multiprocessing.Process(target=keep_stall, args=(post, writer, parcels, *times))
    stall.start()
    writer.close()
    heard = []
    while len(heard) < 2 + len(parcels):
        heard.append(post.get())
        if heard[-1] == ("failed", "not started"):
            open_stall(nothing, nothing, ())  # says so here, too
        assert heard[-1][0] != "failed", f"open_stall came to {heard[-1][1]}: a daemon is made before it is started"
        assert heard[-1][0] != "boy failed", (
            f"a boy wants to start a helper, and may not, {heard[-1][1]}: he is a daemon"
        )
    reader.recv()
    return stall, heard, reader


def wait_for_the_end(line):
    """Wait until nobody holds the line any more."""
    try:
        line.recv()
    except EOFError:
        line.close()


@pytest.mark.task(1)
@pytest.mark.parametrize("parcels", [[], [("ham", "bread")], [None, "", None]])
@pytest.mark.means(
    DeadlockFound="barker and boys work until the evening: open_stall starts all of them, and waits for nobody"
)
def test_all_work_at_the_same_time(times, parcels):
    post, (evening, night, late) = multiprocessing.SimpleQueue(), times
    stall, heard, line = begin(post, parcels, times)
    seen = dict(heard)
    assert seen["barker"] != stall.pid, "the barker calls in the process of the stall: he needs one of his own"
    assert seen["open"] == (stall.pid, seen["barker"], len(parcels)), (
        f"the stall is {stall.pid}, the barker {seen['barker']}, there are {len(parcels)} boys; "
        f"(stall, barker, boys) that open_stall returned are {seen['open']}"
    )
    come(night)
    wait_for_the_end(line)
    come(late)
    come(evening)
    stall.join()
    said = [post.get()[1] for _ in parcels]
    carried = [parcel for what, parcel in heard if what == "boy"]
    assert sorted(map(str, carried)) == sorted(map(str, parcels)), f"parcels {parcels}, and carried were {carried}"
    assert sorted(map(str, said)) == sorted(map(str, parcels)), f"parcels {parcels}, and delivered were {said}"


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound="the stall does not close, as somebody still calls: the barker is no daemon")
def test_the_barker_goes_with_the_stall(times):
    post, (evening, _, late) = multiprocessing.SimpleQueue(), times
    stall, _, line = begin(post, ["bread", "milk"], times)
    come(evening)
    wait_for_the_end(line)
    assert post.empty(), f"the stall closes, the boys are on their way, and one says {post.get()}"
    come(late)
    stall.join()
    said = sorted(post.get() for _ in range(2))
    assert said == [("delivered", "bread"), ("delivered", "milk")], f"two boys finish their rounds, and it was {said}"
    assert stall.exitcode == 0, f"the stall has closed, with exit code {stall.exitcode}"


@pytest.mark.task(1)
def test_two_stalls():
    post, said = multiprocessing.SimpleQueue(), []
    for cry, parcel in (("ham!", "ham"), ("fish!", "fish")):
        barker, boys = open_stall(partial(post.put, cry), post.put, [parcel])
        for process in (barker, *boys):
            process.join()
        while not post.empty():
            said.append(post.get())
        assert sorted(said) == [parcel, cry], (
            f"a stall with {parcel} is open, is over, and said was {said}: a barker each"
        )
        said.clear()


def ask(post):
    """Tell whether this process may start others."""
    post.put(may_hire())


@pytest.mark.task(2)
@pytest.mark.parametrize("daemon", [True, False])
def test_who_may_hire(daemon):
    assert may_hire() is True, f"in the main process may_hire says {may_hire()}"
    post = multiprocessing.SimpleQueue()
    child = multiprocessing.Process(target=ask, args=(post,), daemon=daemon)
    child.start()
    said = post.get()
    child.join()
    assert said is not daemon, f"in a process with daemon={daemon} may_hire says {said}"


def look(post, answers):
    """Note that this process looks, and answer something."""
    post.put("looks")
    return next(answers, None)


def watch(post, way):
    """Watch over the parent, and say when it is done."""
    post.put(os.getpid())
    if way == "has ended before":
        multiprocessing.parent_process().join()
    try:
        watch_over(partial(look, post, iter(ANSWERS)), 0.01)
    except BaseException as error:
        post.put("not started" if isinstance(error, NotImplementedError) else repr(error))
        raise
    post.put("alone")


def be_watched(post, way, evening):
    """Be a parent, until the evening."""
    multiprocessing.Process(target=watch, args=(post, way), daemon=way == "killed daemon").start()
    if way != "has ended before":
        evening.acquire()
    os._exit(0)


@pytest.mark.task(3)
@pytest.mark.parametrize("way", ["killed", "killed daemon", "leaves", "has ended before"])
@pytest.mark.means(DeadlockFound="the parent works until the test says so, and it is not looked at it any more")
def test_alone(times, way):
    post, evening = multiprocessing.SimpleQueue(), times[0]
    parent = multiprocessing.Process(target=be_watched, args=(post, way, evening))
    parent.start()
    pid = post.get()
    try:
        for number in range(0 if way == "has ended before" else len(ANSWERS) + 1):
            said = post.get()
            if said == "not started":
                watch_over(nothing, 0)  # says so here, too
            assert said == "looks", (
                f"the parent works, there were {number} looks, and then it was {said}; look returned "
                f"{ANSWERS[:number]}, and what it returns does not matter"
            )
        if way.startswith("killed"):
            parent.kill()
        come(evening)
        parent.join()
        said = next((said for said in (post.get() for _ in range(MANY)) if said != "looks"), "looks")
        if said == "not started":
            watch_over(nothing, 0)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert said == "alone", f"the parent has ended ({way}), and {MANY} looks later watch_over is still there: {said}"
