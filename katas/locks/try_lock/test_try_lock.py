"""The caretaker's round: the tests. Time is virtual, and the threads mix in many ways."""

import threading
import time

import pytest
from try_lock import carry, go_round, knock, wait_at

ODD = 1 + 1 / 512  # nobody who looks every now and then looks at this very moment
LONG = 50  # so long somebody stays who outlasts everybody's patience
REST = 0.25  # the longest sleep between two attempts to get two rooms
ENOUGH = 30  # so often nobody has to ask in one moment
TINY = 1e-6  # what sums of seconds may be off by

pytestmark = pytest.mark.means(
    RuntimeError="a lock was released that nobody held: release what `acquire` has said yes to, once, and nothing else",
    ValueError="`acquire` was given a timeout that it does not take: what is left of patience must stop at 0, and who "
    "does not block has no timeout",
)


class Room:
    """A lock that notes how it is treated."""

    def __init__(self, name):
        self.name = name
        self.lock = threading.Lock()
        self.asked = []  # when somebody asked
        self.notes = []  # what must not be

    def acquire(self, blocking=True, timeout=-1):
        """Take the lock, as a lock does."""
        self.note_the_question()
        return self.lock.acquire(blocking, timeout)

    def locked(self):
        """Tell whether it is taken, as a lock does."""
        self.note_the_question()
        return self.lock.locked()

    def release(self):
        """Release the lock, as a lock does."""
        if self.somebody_else:
            self.notes.append(
                f"{self.name} was released while somebody else held it: release what `acquire` has said yes to, and "
                "nothing else"
            )
        self.lock.release()

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *_):
        self.release()

    somebody_else = False

    def note_the_question(self):
        """Stop whoever asks without end."""
        now = time.monotonic()
        self.asked.append(now)
        if self.asked.count(now) > ENOUGH:
            self.notes.append(
                f"{self.name} was asked for {ENOUGH} times in one moment: asking again and again without a pause burns "
                "the processor, and nobody gets ready sooner"
            )
            raise AssertionError(self.notes[-1])

    def take(self):
        """Be in it."""
        self.lock.acquire()
        self.somebody_else = True

    def give_back(self):
        """Leave it."""
        self.somebody_else = False
        if self.lock.locked():
            self.lock.release()

    def stay(self, until, since=0):
        """Let somebody be in it for some time."""

        def run():
            time.sleep(since)
            self.take()
            time.sleep(until - since)
            self.give_back()

        threading.Thread(target=run, name=f"teacher in {self.name}", daemon=True).start()

    def is_taken(self):
        """Tell whether somebody is in it."""
        return self.lock.locked()


class School:
    """Some rooms, and caretakers who note by single appends what they do and when."""

    def __init__(self, *names):
        self.rooms = [Room(name) for name in names]
        self.began = time.monotonic()
        self.events = []  # (what, when, the rooms that were taken then)
        self.answers = {}  # name of the caretaker: (answer, when)

    def now(self):
        """Tell the time since it began."""
        return time.monotonic() - self.began

    def taken(self):
        """List who is taken."""
        return [room.name for room in self.rooms if room.is_taken()]

    def work(self, name="work", seconds=0):
        """Make a work that takes its time."""

        def work():
            self.events.append((name, self.now(), self.taken()))
            time.sleep(seconds)
            self.events.append((f"{name} ends", self.now(), self.taken()))

        return work

    def begun(self, name="work"):
        """List when a work was begun."""
        return [when for what, when, _ in self.events if what == name]

    def during(self, name="work"):
        """List what was taken when a work began or ended, each once."""
        return sorted(
            {" and ".join(rooms) or "none" for what, _, rooms in self.events if what in (name, f"{name} ends")}
        )

    def send(self, name, act, after=0):
        """Send a caretaker."""

        def run():
            time.sleep(after)
            answer = act()
            self.answers[name] = (answer, self.now())

        threading.Thread(target=run, name=name, daemon=True).start()

    def check(self):
        """Nobody has opened somebody else's door."""
        notes = [note for room in self.rooms for note in room.notes]
        assert not notes, notes[0]

    def check_refused(self, call, found, holder):
        """Nothing was done where somebody else was."""
        assert not self.begun(), (
            f"{holder}, and {call} called work() all the same: look at what `acquire` answers, False means that you "
            "are not in"
        )
        self.check()
        assert found is False, f"{holder}, and {call} returned {found!r} instead of False"

    def check_left(self, call, *wanted):
        """Exactly those are taken that others hold."""
        assert self.taken() == list(wanted), (
            f"after {call} these rooms are taken: {self.taken()}, instead of {list(wanted)}: give back what you "
            "have taken, on every way out"
        )


class Broken(Exception):
    """Something breaks at work."""


class Evacuated(BaseException):
    """Neither is this one an Exception, as KeyboardInterrupt and SystemExit are not."""


class Jammed(RuntimeError):
    """An error of work's own, of a kind that locks raise, too."""


class Late(TimeoutError):
    """An error of work's own, which says nothing about the patience of the caretaker."""


class Peculiar:
    """A work without a name and without a hash, which is equal to every other one; it notes that it was called."""

    __hash__ = None

    def __init__(self, answer):
        self.answer, self.calls = answer, []

    def __eq__(self, other):
        return True

    def __call__(self):
        self.calls.append(self.answer)
        return self.answer


ERRORS = pytest.mark.parametrize("error", [Broken("the lamp"), Evacuated("everybody out")], ids=["Broken", "Evacuated"])


def breaks(error):
    """Make a work that raises."""

    def work():
        raise error

    return work


def check_broken(call, act, school, error):
    """The error reaches the caller, and no room stays taken."""
    what = f"work() raised ({type(error).__base__.__name__})"
    cause = OSError("worn out")
    error.__cause__ = cause
    try:
        found = act()
    except (Broken, Evacuated, Jammed, Late) as caught:
        assert caught is error, f"{what}, and {call} raised {caught!r}: let this very error reach the caller"
        assert caught.__cause__ is cause, (
            f"{what} from {cause!r}, and what {call} raised has the cause {caught.__cause__!r}: a bare raise leaves it "
            "as it is, raise … from None takes away why"
        )
        school.check()
        school.check_left(f"{call}, where {what},")
    else:
        raise AssertionError(f"{what}, and {call} returned {found!r}: let the error reach the caller")


def same(one, other):
    """Tell whether two moments are one, but for rounding."""
    return abs(one - other) < TINY


@pytest.mark.task(1)
def test_knock_works_in_a_free_room(race):
    def scenario():
        school = School("A")
        (room,) = school.rooms
        found = knock(room, school.work(seconds=2))
        school.check()
        assert school.begun() == [0], f"the room was free, and knock called work() at {school.begun() or 'no time'}"
        assert school.during() == ["A"], "work() was called, and the room was not taken: hold it while you work"
        assert found is True, f"the room was free, and knock returned {found!r} instead of True"
        school.check_left("knock")

    race.explore(scenario, schedules=3)


@pytest.mark.task(1)
def test_knock_does_not_wait(race):
    def scenario():
        school = School("A")
        (room,) = school.rooms
        room.stay(until=LONG)
        time.sleep(1)
        found = knock(room, school.work())
        took = school.now() - 1
        assert took == 0, (
            f"somebody was in the room for {LONG - 1} s more, and knock came back after {took:g} s: do not wait at all"
        )
        school.check_refused("knock", found, "somebody was in the room")
        school.check_left("knock", "A")

    race.explore(scenario, schedules=5)


@pytest.mark.task(1)
def test_two_knock_at_the_same_time(race):
    def scenario():
        school = School("A")
        (room,) = school.rooms
        for name in ("ann", "ben"):
            school.send(name, lambda: knock(room, school.work(seconds=5)))
        time.sleep(1)
        school.check()
        begun = len(school.begun())
        assert begun == 1, (
            f"two knocked at the same time, and {begun} of them called work() instead of one: asking whether the "
            "room is free and taking it must be one step"
        )
        answers = sorted(answer for answer, _ in school.answers.values())
        assert answers == [False], (
            f"two knocked at the same time, one went in, and the other one got {answers or 'no answer, it waits'} "
            "instead of False at once: asking whether the room is free and taking it must be one step"
        )
        time.sleep(LONG)
        school.check_left("knock")

    race.explore(scenario, schedules=6)


@pytest.mark.task(1)
@ERRORS
def test_knock_leaves_the_room_when_work_breaks(race, error):
    def scenario():
        school = School("A")
        check_broken("knock", lambda: knock(school.rooms[0], breaks(error)), school, error)

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
@pytest.mark.parametrize("patience", [0, 5])
def test_wait_at_a_free_room(race, patience):
    def scenario():
        school = School("A")
        found = wait_at(school.rooms[0], patience, school.work(seconds=9))
        school.check()
        assert school.begun() == [0], (
            f"the room was free, and wait_at with a patience of {patience} s called work() at "
            f"{school.begun() or 'no time'}, instead of once at 0 s"
        )
        assert found is True, (
            f"the room was free, work() took 9 s, patience was {patience} s, and wait_at returned {found!r} instead "
            "of True: only waiting costs patience"
        )
        assert school.during() == ["A"], "work() was called, and the room was not taken: hold it while you work"
        school.check_left("wait_at")

    race.explore(scenario, schedules=4)


@pytest.mark.task(2)
def test_wait_at_goes_in_as_soon_as_it_is_free(race):
    def scenario():
        school = School("A")
        (room,) = school.rooms
        room.take()
        school.send("caretaker", lambda: wait_at(room, 20, school.work()))
        time.sleep(ODD)
        room.give_back()
        time.sleep(LONG)
        school.check()
        assert school.begun() == [ODD], (
            f"the room became free at {ODD:g} s, and wait_at with a patience of 20 s called work() at "
            f"{school.begun() or 'no time'}: let the lock wake you"
        )
        assert school.answers == {"caretaker": (True, ODD)}, "wait_at called work() and did not return True"
        school.check_left("wait_at")

    race.explore(scenario, schedules=3, busy_waiting="fail")


@pytest.mark.task(2)
@pytest.mark.parametrize("patience", [0, 0.5, 5])
def test_wait_at_gives_up(race, patience):
    def scenario():
        school = School("A")
        (room,) = school.rooms
        room.stay(until=LONG)
        time.sleep(1)
        found = wait_at(room, patience, school.work())
        took = school.now() - 1
        assert took == patience, (
            f"somebody was in the room for {LONG - 1} s more, and wait_at with a patience of {patience} s came back "
            f"after {took:g} s: give the patience to `acquire`, by name, as its first parameter is another one; 0 is a "
            "patience, too"
        )
        school.check_refused("wait_at", found, "somebody was in the room")
        school.check_left("wait_at", "A")

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
@ERRORS
def test_wait_at_leaves_the_room_when_work_breaks(race, error):
    def scenario():
        school = School("A")
        check_broken("wait_at", lambda: wait_at(school.rooms[0], 1, breaks(error)), school, error)

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
@pytest.mark.parametrize("patience", [0, 5])
def test_carry_takes_two_free_rooms(race, patience):
    def scenario():
        school = School("A", "B")
        found = carry(*school.rooms, patience, school.work(seconds=9))
        school.check()
        assert school.begun() == [0], (
            f"both rooms were free, and carry with a patience of {patience} s called work() at "
            f"{school.begun() or 'no time'}, instead of once at 0 s"
        )
        assert school.during() == ["A and B"], (
            f"when work() began and ended these rooms were taken: {school.during()}: hold both from beginning to end"
        )
        assert found is True, f"both rooms were free, and carry returned {found!r} instead of True"
        school.check_left("carry")

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
@pytest.mark.parametrize("taken", [0, 1])
@pytest.mark.parametrize("patience", [0, 0.6, 5])
def test_carry_gives_up_and_gives_back(race, taken, patience):
    def scenario():
        school = School("A", "B")
        room = school.rooms[taken]
        room.stay(until=LONG)
        time.sleep(1)
        found = carry(*school.rooms, patience, school.work())
        took = school.now() - 1
        assert same(took, patience), (
            f"somebody was in {room.name} for {LONG - 1} s more, and carry(A, B) with a patience of {patience} s "
            f"came back after {took:g} s: give up when the time is over, neither before nor later"
        )
        school.check_refused("carry", found, f"somebody was in {room.name}")
        school.check_left("carry, which gave up,", room.name)

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
@pytest.mark.parametrize("taken", [0, 1])
def test_who_waits_for_two_holds_none(race, taken):
    def scenario():
        school = School("A", "B")
        shut, free = school.rooms[taken], school.rooms[1 - taken]
        shut.stay(until=10)
        school.send("caretaker", lambda: carry(*school.rooms, 20, school.work()), after=1)
        refused = []
        for moment in (0.6, 0.9, 1.1, 1.3, 0.7, 0.8):
            time.sleep(moment + 1 / 512)
            if free.lock.acquire(blocking=False):
                free.lock.release()
            else:
                refused.append(school.now())
        school.check()
        assert not refused, (
            f"somebody was in {shut.name}, the caretaker waited to carry between A and B, and somebody else who "
            f"came by at {refused[0]:g} s did not get into {free.name}: give it back before you wait"
        )

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
@pytest.mark.parametrize("until", [(0, ODD), (ODD, 0), (ODD, 3), (3, ODD)], ids=str)
def test_carry_begins_when_both_are_free(race, until):
    def scenario():
        school = School("A", "B")
        for room, when in zip(school.rooms, until, strict=True):
            if when:
                room.stay(until=when)
        time.sleep(1 / 1024)
        found = carry(*school.rooms, 20, school.work())
        school.check()
        begun = school.begun()
        assert len(begun) == 1, f"carry called work() {len(begun)} times instead of once"
        free = max(until)
        assert free <= begun[0] <= free + REST + 1 / 512, (
            f"both rooms were free at {free:g} s, and carry with a patience of 20 s called work() at {begun[0]:g} "
            f"s: it may sleep between two attempts, for {REST} s at the most"
        )
        assert found is True, f"carry called work() and returned {found!r} instead of True"
        school.check_left("carry")

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
@pytest.mark.parametrize("until", [(4, 8), (8, 4)], ids=str)
def test_patience_is_for_both_together(race, until):
    def scenario():
        school = School("A", "B")
        for room, when in zip(school.rooms, until, strict=True):
            room.stay(until=when)
        time.sleep(1)
        found = carry(*school.rooms, 5, school.work())
        took = school.now() - 1
        assert same(took, 5), (
            f"somebody was in A for {until[0] - 1} s more and in B for {until[1] - 1} s more, and carry with a "
            f"patience of 5 s came back after {took:g} s: make one deadline, when the waiting begins, and wait for "
            "what is left"
        )
        school.check_refused("carry", found, "at no time within 5 s both rooms were free")

    race.explore(scenario, schedules=4)


@pytest.mark.task(3)
@pytest.mark.parametrize(
    "ways", [pytest.param(["AB", "BA"], id="to and fro"), pytest.param(["AB", "BC", "CA"], id="in a circle")]
)
def test_all_who_carry_get_through(race, ways):
    def scenario():
        school = School(*sorted(set("".join(ways))))
        rooms = {room.name: room for room in school.rooms}
        for way in ways:
            here, there = (rooms[name] for name in way)
            school.send(way, lambda h=here, t=there, w=way: carry(h, t, 40, school.work(w, seconds=2)))
        time.sleep(LONG)
        school.check()
        for way in ways:
            answer, when = school.answers.get(way, ("nothing", LONG))
            assert answer is True, (
                f"{' and '.join(ways)} were carried at the same time, each for 2 s, and carry with a patience of 40 "
                f"s returned {answer} for {way} at {when:g} s: do not hold one room while you wait for the other, "
                "somebody does the same the other way round"
            )
            assert len(school.begun(way)) == 1, f"carry returned True, and called work() {len(school.begun(way))} times"
        spans = sorted((begun, way) for way in ways for begun in school.begun(way))
        for (one, _), (other, _) in zip(spans, spans[1:], strict=False):
            assert other - one > 2 - TINY, "two were in one room at the same time: take both rooms before you work"
        school.check_left("carry")

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
@ERRORS
@pytest.mark.parametrize("shut", [None, 0, 1], ids=["free", "A shut", "B shut"])
def test_carry_leaves_both_rooms_when_work_breaks(race, shut, error):
    def scenario():
        school = School("A", "B")
        if shut is not None:
            school.rooms[shut].stay(until=2)
            time.sleep(1)
        check_broken("carry", lambda: carry(*school.rooms, 9, breaks(error)), school, error)

    race.explore(scenario, schedules=2)


def all_jobs(school):
    """Make a job for each room."""
    return [(room, school.work(f"job in {room.name}")) for room in school.rooms]


@pytest.mark.task(4)
def test_all_jobs_are_done(race):
    def scenario():
        school = School("A", "B", "C")
        a, b, c = school.rooms
        twice = (b, school.work("twice", seconds=1))
        jobs = [(a, school.work("first")), twice, (c, school.work("third")), (b, school.work("fourth")), twice]
        wanted = list(jobs)
        found = go_round(jobs, 1, 20)
        school.check()
        for name, times in {"first": 1, "twice": 2, "third": 1, "fourth": 1}.items():
            assert len(school.begun(name)) == times, (
                f"all rooms were free, one job came twice, and {name} was done {len(school.begun(name))} times "
                f"instead of {times}: each entry of the list is a job"
            )
        assert school.during("twice") == ["B"], (
            f"when a job in B began and ended these rooms were taken: {school.during('twice')}: take the job's room, "
            "and no other"
        )
        assert found == [], f"all was done, and go_round returned {len(found)} jobs instead of []"
        assert jobs == wanted, "the list that go_round was given has changed: make one of your own"
        assert school.now() == 2, (
            f"all rooms were free, the works took 2 s, and go_round took {school.now():g} s: rest only if the answer "
            "was no everywhere; or has the loop stepped over a job, as others were removed from its list?"
        )
        school.check_left("go_round")
        assert go_round([], 1, 20) == [], "there is nothing to do, and go_round([]) is not []"

    race.explore(scenario, schedules=4)


@pytest.mark.task(4)
@pytest.mark.parametrize("shut", [0, 1, 2])
def test_a_shut_door_holds_up_no_other_job(race, shut):
    def scenario():
        school = School("A", "B", "C")
        late = 2 + 1 / 512
        room = school.rooms[shut]
        room.take()
        jobs = all_jobs(school)
        school.send("caretaker", lambda: go_round(jobs, 1, 20))
        time.sleep(late)
        room.give_back()
        time.sleep(LONG)
        school.check()
        for other in school.rooms:
            begun = school.begun(f"job in {other.name}")
            if other is not room:
                assert begun == [0], (
                    f"somebody was in {room.name}, and the job in {other.name}, which was free, was begun at "
                    f"{begun or 'no time'} instead of at 0 s: told no at one door, go on to the next"
                )
        begun = school.begun(f"job in {room.name}")
        assert begun, (
            f"somebody was in {room.name} until {late:g} s, and the job there was never done, though patience was "
            "20 s: what was refused has to be tried again"
        )
        assert len(begun) == 1, f"the job in {room.name} was done {len(begun)} times"
        assert late <= begun[0] < late + 1 + TINY, (
            f"{room.name} became free at {late:g} s, and the job there, with a pause of 1 s, was begun at "
            f"{begun[0]:g} s"
        )
        answer, _ = school.answers.get("caretaker", ("nothing", 0))
        assert answer == [], f"all was done, and go_round returned {answer} instead of []"

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_two_shut_doors_are_tried_again_after_a_pause(race):
    def scenario():
        school = School("A", "B", "C")
        a, b, c = school.rooms
        a.stay(until=4 + 1 / 512)
        b.stay(until=2 + 1 / 512)
        time.sleep(1 / 1024)
        found = go_round(all_jobs(school), 1, 20)
        school.check()
        assert found == [], f"A became free at 4 s, B at 2 s, patience was 20 s, and {len(found)} jobs were given up"
        asked = max(len(room.asked) for room in (a, b, c))
        assert asked <= 16, (
            f"in 4 s, with a pause of 1 s, he asked at one door {asked} times: told no everywhere, rest for the pause"
        )
        begun = [when for name in "AB" for when in school.begun(f"job in {name}")]
        assert 4 <= begun[0] <= 5.1, f"A became free at 4 s, the pause was 1 s, and he was in it at {begun[0]:g} s"
        assert 2 <= begun[1] <= 3.1, f"B became free at 2 s, the pause was 1 s, and he was in it at {begun[1]:g} s"

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
@pytest.mark.parametrize("pause", [1, 2, 30])
def test_go_round_gives_up(race, pause):
    def scenario():
        school = School("A", "B", "C")
        a, _, c = school.rooms
        for room in (c, a):
            room.stay(until=LONG)
        time.sleep(1)
        jobs = all_jobs(school)
        jobs = [jobs[2], jobs[1], jobs[0]]
        found = go_round(jobs, pause, 5)
        took = school.now() - 1
        school.check()
        done = [len(school.begun(f"job in {name}")) for name in "ABC"]
        assert done == [0, 1, 0], (
            f"A and C were taken all the time, B was free, and the jobs there were done {done} times: where the "
            "answer is no, nothing is done"
        )
        assert same(took, 5), (
            f"two rooms were never free, and go_round with a pause of {pause} s and a patience of 5 s came back "
            f"after {took:g} s: one deadline for all, and the last rest may have to be shorter"
        )
        assert found == [jobs[0], jobs[2]], (
            "the jobs in C, B and A were to be done, only B was free, and go_round returned "
            f"{[room.name for room, _ in found]} instead of those in C and A: what is not done must not be forgotten"
        )
        school.check_left("go_round", "A", "C")

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_patience_is_for_the_whole_round(race):
    def scenario():
        school = School("A", "B")
        a, b = school.rooms
        a.stay(until=LONG)
        b.stay(until=3 + 1 / 512)
        time.sleep(1 / 1024)
        jobs = all_jobs(school)
        found = go_round(jobs, 1, 5)
        took = school.now() - 1 / 1024
        school.check()
        assert len(school.begun("job in B")) == 1, (
            "B became free at 3 s, patience was 5 s, and the job there was not done"
        )
        assert same(took, 5), (
            f"A was never free, B from 3 s on, and go_round with a patience of 5 s came back after {took:g} s: "
            "patience is counted from the call, whatever is done meanwhile"
        )
        assert found == jobs[:1], f"only the job in A was not done, and go_round returned {len(found)} jobs"

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_a_room_that_has_just_said_yes_is_asked_at_once(race):
    def scenario():
        school = School("A", "B")
        a, b = school.rooms
        a.stay(until=1)
        time.sleep(1 / 1024)
        jobs = [(a, school.work("first")), (b, school.work("second", seconds=2)), (a, school.work("third"))]
        found = go_round(jobs, 5, 20)
        school.check()
        assert found == [], f"A was free from 1 s on, B all the time, and {len(found)} jobs were given up"
        begun = school.begun("first") + school.begun("third")
        assert max(begun) < 3, (
            "jobs in A, B and A; A was free from 1 s on, the one in B took until 2 s, the pause is 5 s, and those in "
            "A were "
            f"begun at {begun}: rest only if the last answer at each room that is left was no"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_what_is_given_up_is_in_the_order_of_the_list(race):
    def scenario():
        school = School("A", "B")
        for room in school.rooms:
            room.stay(until=LONG)
        time.sleep(1)
        a, b = school.rooms
        jobs = [(a, school.work("1")), (b, school.work("2")), (a, school.work("3")), (b, school.work("4"))]
        found = go_round(jobs, 1, 5)
        places = [jobs.index(job) + 1 for job in found]
        assert places == [1, 2, 3, 4], (
            f"the jobs 1 to 4 were in A, B, A and B, nothing could be done, and go_round returned {places}: in the "
            "order of "
            "the list, not of the rooms"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_of_a_job_that_comes_twice_one_may_be_left(race):
    def scenario():
        school = School("A", "B")
        a, b = school.rooms
        a.stay(since=1, until=LONG)
        time.sleep(1 / 1024)
        twice = (a, school.work("twice"))
        found = go_round([twice, (b, school.work("other", seconds=2)), twice], 1, 5)
        done = len(school.begun("twice"))
        assert (len(found), found.count(twice)) == (2 - done, 2 - done), (
            f"the same job in A came twice, and was done {done} times before A was taken for good, and go_round "
            f"returned it {found.count(twice)} times: each place of the list is a job; note which places are left"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
@pytest.mark.means(
    TypeError="a work without a hash was put into a set, or made a key of a dictionary: whatever can be called is one",
    AttributeError="a work without __name__ was asked for it: whatever can be called is one",
    Broken="work returned an exception, and it was raised: what work returns does not matter",
)
@pytest.mark.parametrize("answer", [False, None, Broken("returned")], ids=repr)
def test_what_work_returns_does_not_matter(race, answer):
    def scenario():
        a, b = School("A", "B").rooms
        works = [Peculiar(answer) for _ in range(5)]
        found = [
            knock(a, works[0]),
            wait_at(a, 1, works[1]),
            carry(a, b, 1, works[2]),
            go_round([(a, works[3]), (a, works[4])], 1, 5),
        ]
        calls = [len(work.calls) for work in works]
        assert (found, calls) == ([True, True, True, []], [1] * 5), (
            f"work() returned {answer!r}, and knock, wait_at, carry and go_round, which was given two of them, "
            f"returned {found} instead of [True, True, True, []], and called it {calls} times instead of once "
            "each: the answer says whether work was called, not what it returned"
        )
        assert all(each is True for each in found[:3]), f"work() returned {answer!r}, and the answers are {found}"

    race.explore(scenario, schedules=1)


@pytest.mark.task(4)
def test_a_round_that_broke_leaves_nothing_for_the_next(race):
    def scenario():
        school = School("A", "B")
        a, b = school.rooms
        jobs = [(a, breaks(Broken("the lamp"))), (b, school.work("of the first round"))]
        with pytest.raises(Broken):
            go_round(jobs, 1, 5)
        before = len(school.begun("of the first round"))
        found = go_round([(b, school.work("of the second"))], 1, 5)
        more = len(school.begun("of the first round")) - before
        assert (found, more) == ([], 0), (
            f"one round ended with an exception, and the next one, with a single job, did {more} jobs of the first and "
            f"returned {found}: what is left to do belongs to one call"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(4)
@pytest.mark.parametrize("kind", [Jammed, Late])
def test_an_error_like_a_locks_own_is_that_of_work(race, kind):
    def scenario():
        school, error = School("A", "B"), kind("the door")
        a, b = school.rooms
        check_broken("knock", lambda: knock(a, breaks(error)), school, error)
        check_broken("wait_at", lambda: wait_at(a, 1, breaks(error)), school, error)
        check_broken("carry", lambda: carry(a, b, 1, breaks(error)), school, error)
        check_broken("go_round", lambda: go_round([(a, breaks(error))], 1, 5), school, error)

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_a_job_that_was_not_asked_for_is_not_forgotten(race):
    def scenario():
        school = School("A", "B", "C")
        school.rooms[2].stay(until=LONG)
        time.sleep(1)
        works = [school.work("job in A", seconds=10), school.work("job in B"), school.work("job in C")]
        jobs = list(zip(school.rooms, works, strict=True))
        found = go_round(jobs, 1, 5)
        took = school.now() - 1
        school.check()
        done = [job for job in jobs if school.begun(f"job in {job[0].name}")]
        assert found == [job for job in jobs if job not in done] and jobs[2] in found, (
            "the job in A took 10 s, patience was 5 s, C was taken; done were those in "
            f"{[room.name for room, _ in done]}, and returned those in {[room.name for room, _ in found]}: what is not "
            "done "
            "when time is up is returned, also if nobody has asked at its door"
        )
        assert took == 10, f"the job in A took 10 s, patience was 5 s, and go_round came back after {took:g} s"

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_the_caretaker_does_it_himself(race):
    def scenario():
        school, threads = School("A", "B"), []
        go_round([(room, lambda: threads.append(threading.current_thread())) for room in school.rooms], 1, 20)
        assert threads == [threading.current_thread()] * 2, (
            f"go_round was called in {threading.current_thread().name}, and the jobs were done in "
            f"{[thread.name for thread in threads]}: in the calling thread, one after the other"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_two_go_round_at_the_same_time(race):
    def scenario():
        school = School("A", "B")
        a, b = school.rooms
        for name, rooms in (("ann", [a, b]), ("ben", [b, a])):
            jobs = [(room, school.work(f"{name} in {room.name}", seconds=1)) for room in rooms]
            school.send(name, lambda jobs=jobs: go_round(jobs, 1, 20))
        time.sleep(LONG)
        school.check()
        for room in "AB":
            times = [school.begun(f"{name} in {room}") for name in ("ann", "ben")]
            assert [len(each) for each in times] == [1, 1], (
                f"two went round at the same time, and their jobs in {room} were done "
                f"{[len(each) for each in times]} times instead of once each"
            )
            assert abs(times[0][0] - times[1][0]) > 1 - TINY, f"both were in {room} at the same time"
        school.check_left("go_round")

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
@ERRORS
def test_go_round_leaves_the_room_when_work_breaks(race, error):
    def scenario():
        school = School("A", "B")
        a, b = school.rooms
        check_broken("go_round", lambda: go_round([(a, school.work()), (b, breaks(error))], 1, 20), school, error)

    race.explore(scenario, schedules=4)
