"""Process states: the tests, worked examples first, then any history that Hypothesis thinks of."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from process_states import Cpu, IllegalMove, System

STATES = ["new", "ready", "running", "blocked", "terminated"]
ARROWS = {  # the picture in the README, and nothing else
    "admit": ("new", "ready"),
    "preempt": ("running", "ready"),
    "block": ("running", "blocked"),
    "wake": ("blocked", "ready"),
    "exit": ("running", "terminated"),
}
WAYS = {
    "new": [],
    "ready": ["admit"],
    "running": ["admit", "dispatch"],
    "blocked": ["admit", "dispatch", "block"],
    "terminated": ["admit", "dispatch", "exit"],
}
PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
always_the_same = settings(deadline=None, derandomize=True, database=None, max_examples=80, phases=PHASES)


def move(system, process, name):
    """Make one move."""
    return system.dispatch() if name == "dispatch" else getattr(system, name)(process)


def one_in(state):
    """Make a system with one process, in the state."""
    system = System(Cpu())
    process = system.create()
    for name in WAYS[state]:
        move(system, process, name)
    return system, process


def must_refuse(system, process, name, why):
    """Make a move that is illegal."""
    try:
        move(system, process, name)
    except IllegalMove:
        return
    raise AssertionError(f"{name} {why}: it must raise IllegalMove, and was allowed")


def see(process, wanted, after):
    """Look at a state."""
    assert process.state == wanted, f"after {after} process {process.pid} is {process.state!r}, it should be {wanted!r}"


@pytest.mark.task(1)
def test_a_life_without_waiting():
    system = System(Cpu())
    first, second = system.create(), system.create()
    assert [first.pid, second.pid] == [1, 2], (
        f"the pids of two new processes are {[first.pid, second.pid]}, they should be [1, 2]"
    )
    see(first, "new", "create")
    system.admit(first)
    see(first, "ready", "admit")
    see(second, "new", "admit of the other")
    assert system.dispatch() is first, "dispatch must return the process that it lets run"
    see(first, "running", "dispatch")
    system.exit(first)
    see(first, "terminated", "exit")


@pytest.mark.task(1)
def test_a_pid_is_given_once():
    system, first = one_in("terminated")
    pids = [first.pid, system.create().pid, system.create().pid]
    assert pids == [1, 2, 3], (
        f"process {first.pid} has terminated, and then two are created: the pids are {pids}, they should be [1, 2, 3]: "
        "no pid is given twice"
    )


@pytest.mark.task(1)
def test_systems_know_nothing_of_each_other():
    System(Cpu()).create()
    pid = System(Cpu()).create().pid
    assert pid == 1, f"the first process of a second system has the pid {pid}, it should be 1"


@pytest.mark.task(2)
def test_whoever_is_preempted_is_ready():
    system, process = one_in("running")
    system.preempt(process)
    assert process.state != "blocked", (
        "a process that is preempted became 'blocked': it waits for nothing but the CPU, so it is 'ready'"
    )
    see(process, "ready", "preempt")
    assert system.dispatch() is process, "a preempted process must be able to run again"


@pytest.mark.task(2)
def test_whoever_wakes_is_ready_and_does_not_run():
    system, process = one_in("running")
    system.block(process)
    see(process, "blocked", "block")
    system.wake(process)
    assert process.state != "running", (
        "a process that woke became 'running' at once: what it waited for has come, the CPU has "
        "not; blocked -> ready, and then it waits for dispatch like everybody"
    )
    see(process, "ready", "wake")
    assert system.dispatch() is process, "a process that woke must be able to run again"


@pytest.mark.task(2)
def test_the_example_of_the_readme():
    system = System(Cpu())
    one, two = system.create(), system.create()
    seen = []
    for name, process in [
        ("admit", one), ("admit", two), ("dispatch", None), ("block", one), ("dispatch", None),
        ("wake", one), ("preempt", two), ("dispatch", None),
    ]:  # fmt: skip
        move(system, process, name)
        seen.append(f"{one.state} {two.state}")
    wanted = [
        "ready new", "ready ready", "running ready", "blocked ready", "blocked running",
        "ready running", "ready ready", "running ready",
    ]  # fmt: skip
    assert seen == wanted, f"the states of 1 and 2 were {seen}, they should be {wanted}"


@pytest.mark.task(3)
@pytest.mark.parametrize(
    ("state", "name"),
    [(state, name) for state in STATES for name in ARROWS if ARROWS[name][0] != state],
)
def test_an_illegal_move_is_refused(state, name):
    system, process = one_in(state)
    try:
        move(system, process, name)
    except IllegalMove:
        pass
    else:
        raise AssertionError(
            f"{name} of a process that is {state!r} was allowed, and made it {process.state!r}: "
            f"{name} leads from {ARROWS[name][0]!r} only, everything else raises IllegalMove"
        )
    assert process.state == state, (
        f"{name} of a process that is {state!r} was refused, and yet made it {process.state!r}: "
        "check first, then change"
    )


@pytest.mark.task(3)
@pytest.mark.parametrize("state", ["new", "blocked", "terminated"])
def test_nothing_ready_nothing_to_dispatch(state):
    system, process = one_in(state)
    must_refuse(system, None, "dispatch", f"while the only process is {state!r}")
    see(process, state, "a refused dispatch")


@pytest.mark.task(3)
def test_there_is_one_cpu():
    system, first = one_in("running")
    second = system.create()
    system.admit(second)
    try:
        system.dispatch()
    except IllegalMove:
        pass
    see(second, "ready", "a dispatch while another process is running")
    see(first, "running", "a dispatch while it is running")
    must_refuse(system, None, "dispatch", "while a process is running")


def story(history):
    """Write a history as a learner would."""
    return ", ".join(name if number is None else f"{name}({number})" for name, number in history)


HISTORIES = st.lists(
    st.sampled_from([("dispatch", None)] * 4 + [(name, pid) for name in ARROWS for pid in (1, 2, 3)]),
    max_size=25,
)


@pytest.mark.task(4)
def test_the_longest_ready_is_next():
    system = System(Cpu())
    processes = [system.create() for _ in range(3)]
    for process in reversed(processes):
        system.admit(process)
    chosen = []
    for _ in range(4):
        chosen.append(system.dispatch().pid)
        system.preempt(processes[chosen[-1] - 1])
    assert chosen == [3, 2, 1, 3], (
        f"admitted as 3, 2, 1 and preempted in turn, the processes ran as {chosen}, it should be "
        "[3, 2, 1, 3]: who has been ready longest is next, and who was just preempted comes last"
    )


@pytest.mark.task(4)
def test_ready_since_the_last_time():
    system = System(Cpu())
    one, two, three = (system.create() for _ in range(3))
    for process in (one, two):
        system.admit(process)
    for process in (one, two):
        system.dispatch()
        system.block(process)
    system.admit(three)
    for process in (two, one):
        system.wake(process)
    chosen = []
    for _ in range(3):
        chosen.append(system.dispatch().pid)
        system.exit({1: one, 2: two, 3: three}[chosen[-1]])
    assert chosen == [3, 2, 1], (
        f"1 and 2 were blocked, 3 was admitted, 2 woke, then 1; they ran as {chosen}, it should be [3, 2, 1]: what "
        "counts is when each became ready, the last time, and not its number or its first admission"
    )


@pytest.mark.task(4)
def test_a_refused_move_changes_no_order():
    system, running = one_in("running")
    processes = [system.create() for _ in range(3)]
    for process in processes:
        system.admit(process)
    must_refuse(system, None, "dispatch", "while a process is running")
    for name in ("admit", "preempt", "block", "wake", "exit"):
        must_refuse(system, processes[0], name, "of a process that is 'ready'")
    system.block(running)
    chosen = []
    for _ in range(3):
        chosen.append(system.dispatch().pid)
        system.exit(processes[chosen[-1] - 2])
    assert chosen == [2, 3, 4], (
        f"2, 3 and 4 became ready in this order, then some moves were refused, and they ran as {chosen} instead of "
        "[2, 3, 4]: a refused move changes no order; check before you take anybody out of the queue"
    )


@pytest.mark.task(4)
@always_the_same
@given(HISTORIES)
def test_any_history(history):
    system, done = System(Cpu()), []
    processes = [system.create() for _ in range(3)]
    states = dict.fromkeys((1, 2, 3), "new")
    since = {}  # when each became ready: an independent account, without a queue
    for moment, (name, pid) in enumerate(history):
        done.append((name, pid))
        ready = [each for each in states if states[each] == "ready"]
        if name == "dispatch":
            legal = bool(ready) and "running" not in states.values()
            pid, after = min(ready, key=since.get) if legal else None, "running"
        else:
            legal, after = states[pid] == ARROWS[name][0], ARROWS[name][1]
        try:
            move(system, pid and processes[pid - 1], name)
            assert legal, f"{story(done)}: the last move is illegal, and was allowed"
        except IllegalMove:
            assert not legal, f"{story(done)}: the last move is legal, and was refused"
        if legal:
            states[pid] = after
            since[pid] = moment
        found = {each.pid: each.state for each in processes}
        assert found == states, f"{story(done)}: the states are {found}, they should be {states}"


def write(cpu, **values):
    """Let the running process compute."""
    cpu.registers.clear()
    cpu.registers.update(values)


@pytest.mark.task(5)
def test_the_papers_lie_in_the_file():
    cpu = Cpu()
    system = System(cpu)
    first, second = system.create(), system.create()
    for process in (first, second):
        system.admit(process)
    system.dispatch()
    write(cpu, counter=7)
    system.block(first)
    assert first.registers == {"counter": 7}, (
        f"process 1 left the CPU with counter = 7, its control block holds {first.registers}: save "
        "the registers whenever a process leaves the CPU, by preempt, block or exit"
    )
    system.dispatch()
    assert cpu.registers == {}, (
        f"process 2 runs for the first time and finds {cpu.registers} of process 1 in the CPU: "
        "dispatch loads what lies in the control block, even if that is empty"
    )
    write(cpu, counter=99)
    assert first.registers == {"counter": 7}, (
        f"process 2 computed, and the papers of process 1 became {first.registers}: both are the "
        "same dictionary; save a copy, and load a copy"
    )


@pytest.mark.task(5)
@pytest.mark.parametrize("leave", ["preempt", "block"])
def test_what_it_left_it_finds(leave):
    cpu = Cpu()
    system = System(cpu)
    first, second = system.create(), system.create()
    system.admit(first)
    system.dispatch()
    write(cpu, counter=7)
    move(system, first, leave)
    system.admit(second)
    if leave == "preempt":
        system.dispatch()
        system.preempt(first)
    system.dispatch()
    write(cpu, counter=99)
    system.exit(second)
    if leave == "block":
        system.wake(first)
    system.dispatch()
    assert cpu.registers == {"counter": 7}, (
        f"process 1 left the CPU by {leave} with counter = 7; back again it finds {cpu.registers}"
    )
    write(cpu, counter=8)
    system.exit(first)
    assert first.registers == {"counter": 8}, (
        f"process 1 ended with counter = 8, its control block holds {first.registers}"
    )
    assert second.registers == {"counter": 99}, (
        f"process 2 ended with counter = 99, its control block holds {second.registers}"
    )


@pytest.mark.task(5)
def test_a_refused_move_saves_nothing():
    cpu = Cpu()
    system = System(cpu)
    first, second = system.create(), system.create()
    for process in (first, second):
        system.admit(process)
    system.dispatch()
    write(cpu, counter=7)
    for name in ("preempt", "block", "exit", "wake", "admit"):
        must_refuse(system, second, name, "of a process that is 'ready'")
    must_refuse(system, None, "dispatch", "while a process is running")
    assert (second.registers, cpu.registers) == ({}, {"counter": 7}), (
        "all moves of process 2 were refused, and yet its registers became "
        f"{second.registers} and the CPU's {cpu.registers}: check first, then change"
    )


@pytest.mark.task(5)
@pytest.mark.parametrize("leave", ["preempt", "block", "exit"])
def test_what_was_deleted_is_gone(leave):
    cpu = Cpu()
    system = System(cpu)
    process = system.create()
    system.admit(process)
    system.dispatch()
    write(cpu, counter=7, flag=1)
    system.preempt(process)
    system.dispatch()
    del cpu.registers["flag"]
    move(system, process, leave)
    assert process.registers == {"counter": 7}, (
        f"process 1 deleted flag, left the CPU by {leave} with counter = 7, and its control block holds "
        f"{process.registers}: what it holds is what the CPU held, and nothing of before"
    )


@pytest.mark.task(5)
@pytest.mark.parametrize("leave", ["preempt", "block", "exit"])
def test_a_register_may_hold_nothing(leave):
    cpu = Cpu()
    system = System(cpu)
    process = system.create()
    system.admit(process)
    system.dispatch()
    write(cpu, counter=0)
    move(system, process, leave)
    assert process.registers == {"counter": 0}, (
        f"process 1 left the CPU by {leave} with counter = 0, and its control block holds {process.registers}: a "
        "register that holds 0 is a register"
    )
    if leave == "preempt":
        system.dispatch()
        assert cpu.registers == {"counter": 0}, (
            f"process 1 left the CPU with counter = 0, and back again it finds {cpu.registers}: a register that holds "
            "0 is a register"
        )


@pytest.mark.task(5)
@pytest.mark.parametrize("leave", ["preempt", "block", "exit"])
def test_an_empty_cpu_is_saved_too(leave):
    cpu = Cpu()
    system = System(cpu)
    process = system.create()
    system.admit(process)
    system.dispatch()
    write(cpu, counter=7)
    system.preempt(process)
    system.dispatch()
    cpu.registers.clear()
    move(system, process, leave)
    assert process.registers == {}, (
        f"process 1 emptied the registers and left the CPU by {leave}, and its control block holds "
        f"{process.registers}: "
        "nothing is also something to save"
    )


@pytest.mark.task(5)
def test_who_left_with_nothing_finds_nothing():
    cpu = Cpu()
    system = System(cpu)
    first, second = system.create(), system.create()
    for process in (first, second):
        system.admit(process)
    system.dispatch()
    system.preempt(first)
    system.dispatch()
    write(cpu, counter=99)
    system.exit(second)
    system.dispatch()
    assert cpu.registers == {}, (
        f"process 1 left the CPU with empty registers, process 2 wrote counter = 99, and process 1, back again, finds "
        f"{cpu.registers}: nothing is also something to load"
    )


@pytest.mark.task(5)
def test_a_dictionary_that_comes_back():
    cpu, lent = Cpu(), {}
    system = System(cpu)
    first, second = system.create(), system.create()
    for process in (first, second):
        system.admit(process)
    for process, counter in ((first, 7), (second, 99)):
        system.dispatch()
        cpu.registers = lent
        lent["counter"] = counter
        system.preempt(process)
    found = [first.registers, second.registers]
    assert found != [{}, {}], (
        f"two processes put another dictionary into the CPU, with a counter, and their control blocks hold {found}: "
        "ask cpu.registers each time, and keep no dictionary of the beginning"
    )
    assert found == [{"counter": 7}, {"counter": 99}], (
        f"two processes put the same dictionary into the CPU, with counter = 7 and then 99; their control blocks hold "
        f"{found}: the file is a copy, not the dictionary that was in the CPU"
    )
    cpu.registers = lent
    lent["counter"] = 1
    assert system.dispatch() is first, "process 1 has been ready longest"
    assert cpu.registers == {"counter": 7}, (
        f"while no process ran, somebody wrote counter = 1 into the CPU; process 1 left it with 7, and finds "
        f"{cpu.registers}: dispatch loads what lies in the control block, whatever the idle CPU held"
    )
    assert second.registers == {"counter": 99}, (
        f"process 2 left the CPU with counter = 99, its control block holds {second.registers}"
    )


@pytest.mark.task(5)
def test_each_system_has_its_own_cpu():
    cpus = [Cpu(), Cpu()]
    systems = [System(cpu) for cpu in cpus]
    for number, (system, cpu) in enumerate(zip(systems, cpus)):
        process = system.create()
        system.admit(process)
        try:
            system.dispatch()
        except IllegalMove:
            raise AssertionError(
                "a process runs in one system, so another one could not dispatch: each has a CPU"
            ) from None
        write(cpu, counter=number)
    found = [cpu.registers for cpu in cpus]
    assert found == [{"counter": 0}, {"counter": 1}], f"two CPUs hold {found}, they should hold counter = 0 and 1"
