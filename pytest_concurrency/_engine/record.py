"""What one run showed, and why it ended early if it did; the run writes it while it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pytest_concurrency._core.oracles import Found
    from pytest_concurrency._core.telling.report import TaskState
    from pytest_concurrency._engine.shared import Shared

FOREVER: Final = "for ever"
_BUGS: Final = frozenset({"deadlock", "no progress", FOREVER, "oracle"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a run ended before its scenario did.

    Attributes:
        kind: "deadlock", "no progress", `FOREVER` or "oracle": the scenario is wrong. "cut": a budget was used up.
            "strategy": the strategy failed. "interrupt": somebody wants to end the session. "play": a
            hand-written schedule cannot be followed.
        detail: What an oracle has found; who runs for ever where; the strategy's error; else the
            reason in words, or None.
    """

    kind: str
    detail: Any = None

    @property
    def is_bug(self) -> bool:
        """Whether the scenario is wrong."""
        return self.kind in _BUGS


@dataclass(slots=True)
class Record:
    """What one run showed.

    Attributes:
        value: What the scenario returned.
        error: What the scenario itself raised, or None.
        errors: (task name, error) of every other task that failed, in order.
        finding: Why the run ended early; None where it did not.
        states: How the tasks stood at a deadlock.
        choices: The strategy's answers, in order.
        usual: Whether none of them was a switch that a schedule records.
        shared: Sites that touched what several tasks touch.
        widened: Those of them at which no switch was offered yet.
        uncontrolled: (task name, place) for everything that waited outside.
        opaque: Whether a task ran code whose effects do not show, so that nothing is proved.
        opaque_at: The first line (file, number) at which one did, if it is known.
        in_turns: Whether the tasks had their turns without a choice, as nobody got anywhere.
        in_turns_at: The line (file, number) at which one got nowhere, if it is known.
        doubted: Whether it is known of some of that code what it touches, in part.
        asks_at: The first line at which a task may have asked for what others than tasks change.
        met: What tasks have touched beside such others: numbers of objects, and lines.
        limited: Lines (file, number) at which somebody has waited with a limit.
        gave_up: Those of them at which the limit has come.
        ties: What came in one order though it may come in another, in words; kept only of recorded runs.
        interrupt: Ctrl-C or a signal's exception, to be raised again.
        interrupted_itself: Whether a task has sent Ctrl-C itself: what comes of it is the program's own.
        debugged: Seconds for which a debugger has shown one of its tasks.
    """

    value: Any = None
    error: BaseException | None = None
    errors: list[tuple[str, BaseException]] = field(default_factory=list)
    finding: Finding | None = None
    states: tuple[TaskState, ...] = ()
    choices: list[int] = field(default_factory=list)
    usual: bool = True
    shared: set[int] = field(default_factory=set)
    widened: set[int] = field(default_factory=set)
    uncontrolled: list[tuple[str, Any]] = field(default_factory=list)
    parked: tuple[str, ...] = ()
    opaque: bool = False
    opaque_at: tuple[str, int] | None = None
    in_turns: bool = False
    in_turns_at: tuple[str, int] | None = None
    doubted: bool = False
    asks_at: tuple[str, int] | None = None
    met: dict[int, tuple[str, int]] = field(default_factory=dict)
    steps: int = 0
    limited: set[tuple[str, int]] = field(default_factory=set)
    gave_up: set[tuple[str, int]] = field(default_factory=set)
    ties: list[str] = field(default_factory=list)
    interrupt: BaseException | None = None
    interrupted_itself: bool = False
    debugged: float = 0.0

    @property
    def outcome(self) -> str:
        """What the scenario returned, as text; of what cannot be shown, what it is and what its `repr` raised."""
        try:
            return repr(self.value)
        except Exception as error:
            return f"<{type(self.value).__name__}, whose repr raised {type(error).__name__}>"

    @property
    def raised(self) -> bool:
        """Whether the scenario or one of its tasks raised an error."""
        return self.error is not None or bool(self.errors)

    @property
    def failed(self) -> bool:
        """Whether the run showed a bug of the scenario."""
        return self.raised or (self.finding is not None and self.finding.is_bug)

    def ended_by(self, kind: str) -> bool:
        """Tell whether the run ended early for this reason."""
        return self.finding is not None and self.finding.kind == kind

    @property
    def found(self) -> Found | None:
        """What an oracle has found in the run."""
        return self.finding.detail if self.finding is not None and self.finding.kind == "oracle" else None

    @property
    def refused(self) -> Exception | None:
        """The strategy's error, where the run ended with one: its choices led somewhere else."""
        return self.finding.detail if self.finding is not None and self.finding.kind == "strategy" else None

    # -- what the run and its stage write

    def returned(self, value: Any) -> None:
        """Note what the scenario returned."""
        self.value = value

    def failed_with(self, error: BaseException) -> None:
        """Note what the scenario itself raised."""
        self.error = error

    def ends_with(self, finding: Finding) -> None:
        """Note why the run ends early; the first reason counts."""
        if self.finding is None:
            self.finding = finding

    def stands(self, states: tuple[TaskState, ...]) -> None:
        """Note how the tasks stand."""
        self.states = states

    def stands_still(self, states: tuple[TaskState, ...]) -> None:
        """Note that what the scenario raised only says that nobody could go on, and how everybody stood."""
        self.error = None
        self.stands(states)
        self.ends_with(Finding("deadlock"))

    def is_unclear(self, name: str, place: Any) -> None:
        """Take back how it ended: somebody whom the run has put aside might have helped."""
        self.error = None
        self.errors.clear()
        self.finding = Finding("cut", place)
        self.stands(())
        self.went_outside(name, place)

    def switched(self) -> None:
        """Note a switch that a schedule records."""
        self.usual = False

    def went_outside(self, name: str, place: object) -> None:
        """Note that a task waits for something out of control."""
        self.uncontrolled.append((name, str(place or "")))

    def broke(self, tie: str) -> None:
        """Note a tie that the schedule has broken; "" is none."""
        if tie and tie not in self.ties:
            self.ties.append(tie)

    def waited_with_a_limit(self, line: tuple[str, int], *, gave_up: bool) -> None:
        """Note where somebody had to wait, and whether that ended because its time was up."""
        (self.gave_up if gave_up else self.limited).add(line)

    def interrupted(self, error: BaseException) -> None:
        """Note what a signal's handler raised in the main thread."""
        self.interrupt = error

    def interrupts_itself(self) -> None:
        """Note that a task has sent Ctrl-C itself."""
        self.interrupted_itself = True

    def was_debugged(self, seconds: float) -> None:
        """Note that a debugger has shown a task for so long."""
        self.debugged += seconds

    @property
    def is_loose(self) -> bool:
        """Whether something of the run may still come, from outside, when it is over."""
        return bool(self.uncontrolled or self.parked)

    def closed(self, steps: int, parked: tuple[str, ...], shared: Shared) -> Record:
        """Note what is known when the run is over, and return it all."""
        self.steps = steps
        self.parked = parked
        self.opaque = shared.is_opaque
        self.opaque_at = shared.opaque_at
        self.in_turns, self.in_turns_at = shared.in_turns, shared.in_turns_at
        self.doubted = shared.is_doubted
        self.asks_at, self.met = shared.asks_at, shared.met
        self.shared = shared.all_places()
        self.widened = self.shared - shared.offered
        return self


@dataclass(slots=True)
class Seen:
    """The first run that had an outcome.

    Attributes:
        choices: The strategy's answers in it.
        offered: The sites at which it could switch.
        usual: Whether it went without a switch that a schedule records.
        count: In how many runs the outcome was seen.
    """

    choices: list[int]
    offered: set[int]
    usual: bool
    count: int = 0

    def again(self) -> None:
        """Count a run."""
        self.count += 1
