"""Multiprogramming: the tests, worked examples first, then what Hypothesis thinks of."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from multiprogramming import Report, one_by_one, together

PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
always_the_same = settings(deadline=None, derandomize=True, database=None, max_examples=100, phases=PHASES)
EXAMPLE = [[1, 3, 1], [2, 2, 1]]
JOBS = st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=5), max_size=4)


def copy(jobs):
    """Make lists that nobody else has."""
    return [list(job) for job in jobs]


def unit_by_unit(jobs, cpus):
    """Turn the clock one unit at a time; return for each unit who computes and who is under way."""
    todo = copy(jobs)
    queue, on_cpu, waiting, begun = list(range(len(jobs))), [], [], set()
    units = []
    while queue or on_cpu or waiting:
        while queue and len(on_cpu) < cpus:
            on_cpu.append(queue.pop(0))
            begun.add(on_cpu[-1])
        units.append((len(on_cpu), len(begun)))
        for each in on_cpu + waiting:
            todo[each][0] -= 1
        ended = [each for each in on_cpu + waiting if todo[each][0] == 0]
        came_back = sorted(each for each in waiting if each in ended)
        went_off = [each for each in on_cpu if each in ended]
        on_cpu = [each for each in on_cpu if each not in ended]
        waiting = [each for each in waiting if each not in ended]
        for each in ended:
            todo[each].pop(0)
            if not todo[each]:
                begun.discard(each)
        queue += [each for each in came_back if todo[each]]
        waiting += [each for each in went_off if todo[each]]
    return units


@pytest.mark.task(1)
def test_one_by_one_the_cpu_stands_still():
    report = one_by_one(copy(EXAMPLE))
    assert isinstance(report, Report), f"one_by_one returned {report!r}: make a Report(…) of it, whose parts have names"
    assert report.span == 10, f"one_by_one({EXAMPLE}): the span is {report.span}, should be 10: waits included"
    assert report.busy == 5, (
        f"one_by_one({EXAMPLE}): busy is {report.busy}, should be 1 + 1 + 2 + 1 = 5: a wait is no computing"
    )
    assert report.utilisation == pytest.approx(0.5), f"5 of 10 units were used, not {report.utilisation}"
    both = (report.concurrent, report.parallel)
    assert both == (1, 1), f"one by one, at most one job is under way, and one computes: not {both}"


@pytest.mark.task(1)
@always_the_same
@given(JOBS)
def test_any_jobs_one_by_one(jobs):
    report = one_by_one(copy(jobs))
    span, busy = sum(map(sum, jobs)), sum(sum(job[::2]) for job in jobs)
    wanted = (span, busy, busy / span if span else 0, min(len(jobs), 1), min(len(jobs), 1))
    assert report == pytest.approx(wanted), f"one_by_one({jobs}) is {report}, it should be {wanted}"


@pytest.mark.task(2)
def test_one_computes_while_the_other_waits():
    report = together(copy(EXAMPLE))
    assert isinstance(report, Report), f"together returned {report!r}: make a Report(…) of it, whose parts have names"
    assert report.span != 10, (
        f"together({EXAMPLE}): the span is 10, as if they ran one by one: while A waits from 1 to 4 "
        "the CPU is free for B"
    )
    assert report.span == 6, f"together({EXAMPLE}): the span is {report.span}, it should be 6"
    assert report.busy == 5, f"together({EXAMPLE}): busy is {report.busy}, should be 5: who waits does not compute"


@pytest.mark.task(2)
def test_all_can_wait_at_the_same_time():
    jobs = [[1, 9, 1], [1, 9, 1], [1, 9, 1]]
    span = together(copy(jobs)).span
    assert span == 13, (
        f"together({jobs}): the span is {span}, should be 13: each waits for itself, not for another's wait"
    )


@pytest.mark.task(2)
def test_the_last_wait_counts():
    span = together([[1, 7], [2]]).span
    assert span == 8, f"together([[1, 7], [2]]): the span is {span}, should be 8: a job ends when its last wait is over"


@pytest.mark.task(2)
def test_who_comes_back_joins_the_end():
    jobs = [[1, 1, 1, 5], [3], [1, 9]]
    span = together(copy(jobs)).span
    assert span == 14, (
        f"together({jobs}): the span is {span}, it should be 14: the first comes back at 2 and stands behind the third"
    )


@pytest.mark.task(2)
def test_back_at_the_same_moment_the_list_decides():
    jobs = [[1, 1, 1, 2, 1], [1, 3, 1, 1]]
    units = len(unit_by_unit(jobs, 1))
    span = together(copy(jobs)).span
    assert span == units, (
        f"together({jobs}): the span is {span}, it should be {units}: both come back at 5, the second has waited "
        "longer, and the first stands earlier in the list, so it joins first"
    )


@pytest.mark.task(2)
def test_equal_jobs_have_places_of_their_own():
    jobs = [[1, 1, 1], [1, 2, 1, 1], [1, 1, 1]]
    span = together(copy(jobs)).span
    assert span == 6, (
        f"together({jobs}): the span is {span}, it should be 6: the second and the third come back at 4, and the "
        "second joins first; the third is equal to the first, but stands behind the second"
    )


@pytest.mark.task(2)
@pytest.mark.parametrize("report", [one_by_one, together])
def test_the_same_list_several_times(report):
    job = [1, 3, 1]
    found, wanted = report([job, job, job]), report(copy([job, job, job]))
    assert found == wanted, (
        f"job = {job}; {report.__name__}([job, job, job]) is {found}, it should be {wanted}, as for three lists that "
        "are equal: these are three jobs"
    )
    busy = 6
    assert found.busy == busy, f"{report.__name__} of three jobs {job}: busy is {found.busy}, it should be {busy}"


@pytest.mark.task(2)
def test_the_same_jobs_in_another_order():
    for jobs, span in ((EXAMPLE, 6), (EXAMPLE[::-1], 7)):
        found = together(copy(jobs)).span
        assert found == span, (
            f"together({jobs}): the span is {found}, it should be {span}; also if the same jobs were there before in "
            "another order, this list decides"
        )


@pytest.mark.task(2)
def test_many_stretches():
    try:
        found = together([[1] * 2_999]).span
    except RecursionError:
        raise AssertionError("1500 stretches are no reason to call so deep: use a loop") from None
    assert found == 2_999, f"a job that computes 1500 times for a unit, and waits between: the span is {found}"


@pytest.mark.task(2)
def test_a_long_wait():
    try:
        found = together([[1, 5_000, 1]])[:2]
    except RecursionError:
        raise AssertionError("5000 units of waiting are no reason to call so deep: use a loop") from None
    assert found == (5_002, 2), f"together([[1, 5000, 1]]): span and busy are {found}, they should be (5002, 2)"


@pytest.mark.task(2)
@always_the_same
@given(JOBS)
def test_any_jobs_on_one_cpu(jobs):
    units, report = unit_by_unit(jobs, 1), together(copy(jobs))
    wanted = (len(units), sum(computing for computing, _ in units))
    found = (report.span, report.busy)
    assert found == wanted, f"together({jobs}): span and busy are {found}, they should be {wanted}"


@pytest.mark.task(3)
def test_only_computing_is_use():
    report = together([[1, 9]])
    assert report.utilisation == pytest.approx(0.1), (
        f"together([[1, 9]]): the utilisation is {report.utilisation:.2f}, it should be 0.10: "
        "a job that waits does not use the CPU"
    )
    found = together(copy(EXAMPLE)).utilisation
    assert found == pytest.approx(5 / 6), (
        f"together({EXAMPLE}): the utilisation is {found}, it should be 5 of 6, 0.8333 and so on: round nothing"
    )


@pytest.mark.task(3)
def test_nothing_is_no_use():
    for report in (one_by_one, together):
        try:
            found = tuple(report([]))
        except ZeroDivisionError:
            raise AssertionError(f"{report.__name__}([]) divides by zero; no jobs use nothing: 0.0") from None
        assert found == (0, 0, 0, 0, 0), f"{report.__name__}([]) is {found}, it should be all zeros"


@pytest.mark.task(4)
def test_two_cpus():
    report = together(copy(EXAMPLE), cpus=2)
    assert report.span == 5, f"together({EXAMPLE}, cpus=2): the span is {report.span}, it should be 5"
    assert report.utilisation == pytest.approx(0.5), (
        f"together({EXAMPLE}, cpus=2): the utilisation is {report.utilisation:.2f}, it should be 0.50: "
        "5 units of the 10 that two CPUs have in a span of 5"
    )


@pytest.mark.task(4)
def test_the_report_is_made_of_numbers():
    for report in (one_by_one(copy(EXAMPLE)), together(copy(EXAMPLE), 2), together([])):
        kinds = [type(each).__name__ for each in report]
        assert kinds == ["int", "int", "float", "int", "int"], (
            f"{report}: only the utilisation is a float, and it always is"
        )


@pytest.mark.task(4)
def test_more_cpus_than_jobs():
    jobs = [[4], [2, 1]]
    report = together(copy(jobs), cpus=5)
    assert (report.span, report.busy) == (4, 6), f"together({jobs}, cpus=5): {report}; span 4, busy 6"
    assert report.utilisation == pytest.approx(0.3), (
        f"together({jobs}, cpus=5): the utilisation is {report.utilisation:.2f}, it should be 0.30, 6 units of the 20 "
        "that five CPUs have in a span of 4: those that nobody needs are there all the same"
    )


@pytest.mark.task(4)
@always_the_same
@given(JOBS, st.integers(1, 4))
def test_any_jobs_on_any_cpus(jobs, cpus):
    units, report = unit_by_unit(jobs, cpus), together(copy(jobs), cpus)
    span, busy = len(units), sum(computing for computing, _ in units)
    wanted = (span, busy, busy / (cpus * span) if span else 0.0)
    found = tuple(report[:3])
    assert found == pytest.approx(wanted), (
        f"together({jobs}, cpus={cpus}): span, busy, utilisation are {found}, they should be {wanted}"
    )


@pytest.mark.task(5)
@pytest.mark.parametrize(
    ("jobs", "cpus", "wanted"),
    [
        pytest.param(EXAMPLE, 1, (2, 1), id="the example, one CPU"),
        pytest.param(EXAMPLE, 2, (2, 2), id="the example, two CPUs"),
        pytest.param([[1, 9], [1, 9], [1, 9]], 1, (3, 1), id="three wait, one computes"),
        pytest.param([[5], [5], [5]], 2, (2, 2), id="who has not begun is not under way"),
        pytest.param([[2], [3]], 4, (2, 2), id="more CPUs than jobs"),
        pytest.param([[1, 1, 1], [1, 1], [1]], 1, (3, 1), id="who stands in the queue again is under way"),
    ],
)
def test_concurrent_is_not_parallel(jobs, cpus, wanted):
    report = together(copy(jobs), cpus)
    found = (report.concurrent, report.parallel)
    assert found == wanted, (
        f"together({jobs}, cpus={cpus}): concurrent and parallel are {found}, they should be {wanted}: "
        "concurrent are all that have begun and not ended, also those in the queue; parallel are those that compute "
        "in the same unit"
    )


@pytest.mark.task(5)
def test_who_ends_makes_room_first():
    jobs = [[1, 1], [1], [1]]
    report = together(copy(jobs), 2)
    assert report.concurrent == 2, (
        f"together({jobs}, cpus=2): concurrent is {report.concurrent}, it should be 2: at 1 the second job ends and "
        "the third begins; at each moment let all end who end then, before the next one begins"
    )


@pytest.mark.task(5)
@always_the_same
@given(JOBS, st.integers(1, 3))
def test_any_jobs_concurrent_and_parallel(jobs, cpus):
    units, report = unit_by_unit(jobs, cpus), together(copy(jobs), cpus)
    wanted = (max((each for _, each in units), default=0), max((each for each, _ in units), default=0))
    found = (report.concurrent, report.parallel)
    assert found == wanted, f"together({jobs}, cpus={cpus}): concurrent, parallel are {found}, should be {wanted}"


@pytest.mark.task(5)
def test_the_callers_lists_stay():
    jobs = copy(EXAMPLE)
    one_by_one(jobs)
    together(jobs, 2)
    assert jobs == EXAMPLE, f"the caller's lists were {EXAMPLE}, now they are {jobs}"
