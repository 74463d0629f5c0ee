"""One case with this engine and with every peer, in turns, and who is how fast at equal error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import product
from typing import Any

from gutskin.bench.cases import Case
from gutskin.bench.measure import (
    FOLLOWED,
    OURS,
    Row,
    errors,
    ours,
    reference,
    seconds_at,
    strayed,
    timed,
)
from gutskin.bench.peers import PEERS
from gutskin.bench.serve import PeerFailed, Served
from gutskin.engine.outcome import Array

NAME = "gutskin"
STEP = 10**0.5  # between tolerances of this engine that are tried to meet a peer's error
LOOSEST, TIGHTEST = 3e-2, 1e-9
SPARE = 2  # how many times as many people are looked at as are needed
Say = Callable[[str], None]
Key = tuple[float, int]  # tolerance, days


@dataclass(frozen=True)
class Plan:
    """How much is run: ``peers`` by name, ``rounds`` in which all take turns, seconds any answer may take."""

    peers: tuple[str, ...]
    quick: bool = False
    rounds: int = 1
    limit: float = 600.0


@dataclass
class Comparison:
    """The measurements of one case."""

    case: Case
    plan: Plan
    say: Say
    truth: Array = None  # of the people judged
    judged: list[int] = field(default_factory=list)  # people over whom errors are measured
    astray: dict[int, float] = field(
        default_factory=dict
    )  # people whom nobody can follow, and how far off they are
    seconds: dict[Key, float] = field(default_factory=dict)  # of this engine, a person
    states: dict[Key, Array] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    ready: dict[str, float] = field(default_factory=dict)  # seconds until a peer had the case open
    failed: dict[str, str] = field(default_factory=dict)
    broken: dict[Key, str] = field(default_factory=dict)  # why this engine has no error at a tolerance

    def span(self, name: str) -> tuple[int, int]:
        """Return how many people and days a peer runs."""
        people, days = PEERS[name].quick if self.plan.quick else PEERS[name].full
        return min(people, len(self.judged) or self.case.people), min(days, self.case.days)

    def choose(self) -> None:
        """Choose people to measure errors over: the first ones whom a solver can follow."""
        most = max((self.span(name)[0] for name in self.plan.peers), default=1)
        asked = self.case.part(SPARE * most, self.case.days)
        truth = reference(asked)
        off = strayed(asked, truth)
        self.astray = {k: error for k, error in enumerate(off) if error > FOLLOWED}
        self.judged = [k for k in range(asked.people) if k not in self.astray][:most]
        if not self.judged:
            raise ArithmeticError(f"{self.case.name}: days that no solver can follow")
        self.truth = truth[:, :, self.judged]

    @property
    def spans(self) -> list[int]:
        """Days over which this engine is timed."""
        return sorted({self.span(name)[1] for name in self.plan.peers} | {self.case.days})

    def run(self) -> None:
        """Measure all."""
        self.choose()
        served = self.open()
        try:
            for number in range(self.plan.rounds):
                self.say(f"{self.case.name}: round {number + 1} of {self.plan.rounds}")
                for rtol, days in product(OURS, self.spans):
                    self.ours(rtol, days)
                for name in tuple(served):
                    self.theirs(name, served[name])
            self.meet()
        finally:
            for each in served.values():
                each.close()
        self.rows = [*self.own(), *(self.at_equal_error(row) for row in self.rows)]

    def open(self) -> dict[str, Served]:
        """Start the peers; what cannot open the case has failed."""
        served = {}
        for name in self.plan.peers:
            self.say(f"{self.case.name}: {name} gets ready")
            try:
                people, days = self.span(name)
                part = self.case.pick(self.judged[:people], days)
                served[name] = Served(name, part, self.plan.limit)
                self.ready[name] = served[name].ready
            except PeerFailed as error:
                self.fail(name, PEERS[name].rtols[0], str(error))
        return served

    def ours(self, rtol: float, days: int) -> None:
        """Run everybody with this engine."""
        part = self.case.part(self.case.people, days)
        assert part.plans  # made before the time counts
        run, seconds = timed(partial(ours, part, rtol))
        key = (rtol, days)
        self.states[key] = run.states[: self.case.start.size][:, :, self.judged]
        self.seconds[key] = min(seconds / part.people, self.seconds.get(key, float("inf")))
        for failure in run.failures:
            if failure.person in self.judged:
                self.broken[key] = f"person {failure.person}: {failure.reason}"

    def theirs(self, name: str, served: Served) -> None:
        """Run a peer at each of its tolerances but those at which it has failed, while its process lives."""
        people, days = self.span(name)
        for rtol in PEERS[name].rtols:
            known = next((row for row in self.rows if (row.engine, row.rtol) == (name, rtol)), None)
            if not served.alive or (known and known.failure):
                continue
            try:
                states, seconds = served.run(rtol)
            except PeerFailed as error:
                self.fail(name, rtol, str(error))
                continue
            if known is None:
                self.rows.append(Row(name, rtol, people, days, seconds / people, self.error(states)))
            elif known.seconds is not None and seconds / people < known.seconds:
                self.rows[self.rows.index(known)] = replace(known, seconds=seconds / people)

    def fail(self, name: str, rtol: float, reason: str) -> None:
        """Keep why a peer gave nothing at a tolerance, in place of what it gave before."""
        self.failed.setdefault(name, reason)
        self.rows = [row for row in self.rows if (row.engine, row.rtol) != (name, rtol)]
        self.rows.append(Row(name, rtol, *self.span(name), failure=reason))
        self.say(f"{self.case.name}: {name} failed: {reason}")

    def error(self, states: Array) -> float:
        """Return the error of states of the first people over the first days."""
        _, times, people = states.shape
        return errors(states, self.truth[:, :times, :people], self.case.floors)

    def points(self, people: int, days: int) -> dict[float, tuple[float, float]]:
        """Return tolerance -> (error, seconds) of this engine for those people and days."""
        return {
            rtol: (self.error(self.states[rtol, d][:, :, :people]), seconds)
            for (rtol, d), seconds in self.seconds.items()
            if d == days and (rtol, d) not in self.broken
        }

    def meet(self) -> None:
        """Run this engine looser and tighter until no peer's error lies outside of what it was run at."""
        for row in self.rows:
            while row.error is not None:
                points = self.points(row.people, row.days)
                known = [error for error, _ in points.values()]
                if not known:
                    break
                if row.error > max(known):
                    rtol = max(points) * STEP
                elif row.error < min(known):
                    rtol = min(points) / STEP
                else:
                    break
                if not TIGHTEST <= rtol <= LOOSEST:
                    break
                for _ in range(self.plan.rounds):
                    self.ours(rtol, row.days)

    def at_equal_error(self, row: Row) -> Row:
        """Add to a peer's row how many times as long it takes as this engine."""
        if row.error is None or row.seconds is None:
            return row
        points = list(self.points(row.people, row.days).values())
        mine = seconds_at(points, row.error)
        if mine is not None:
            return replace(row, ratio=row.seconds / mine)
        if points and row.error > max(error for error, _ in points):
            return replace(row, least=row.seconds / min(seconds for _, seconds in points))
        return row

    def own(self) -> list[Row]:
        """Return the rows of this engine, over all days."""
        days, points = self.case.days, self.points(len(self.judged), self.case.days)
        rows = [Row(NAME, rtol, self.case.people, days, s, error) for rtol, (error, s) in points.items()]
        rows += [
            Row(NAME, rtol, self.case.people, days, failure=why)
            for (rtol, d), why in self.broken.items()
            if d == days
        ]
        return sorted(rows, key=lambda row: -row.rtol)


def compare(case: Case, plan: Plan, say: Say = print) -> dict[str, Any]:
    """Measure one case; return rows and what became of the peers.

    Parameters
    ----------
    case
        Model and people.
    plan
        Which peers, and how much.
    say
        Gets a line of text when something begins.

    Returns
    -------
    dict
        ``rows``, ``peers``, ``not_judged`` and ``failure``, as they stand in the JSON; without a reference
        there are no rows.
    """
    found, failure = Comparison(case, plan, say), ""
    try:
        found.run()
    except ArithmeticError as error:
        failure = str(error)
        found.failed = dict.fromkeys(plan.peers, failure)
    peers = {
        name: {
            "status": "measured"
            if any(row.engine == name and row.seconds for row in found.rows)
            else "failed",
            "reason": found.failed.get(name, ""),
            "ready_s": found.ready.get(name),
        }
        for name in plan.peers
    }
    return {
        "rows": [asdict(row) for row in found.rows], "peers": peers, "failure": failure,
        "not_judged": [{"person": k, "error": error} for k, error in found.astray.items()],
    }  # fmt: skip


def headline(rows: Sequence[dict[str, Any]], name: str) -> tuple[float | None, float | None]:
    """Return (ratio, error) of a peer at the largest error at which there is a ratio."""
    told = [row for row in rows if row["engine"] == name and row["ratio"] is not None]
    best = max(told, key=lambda row: row["error"], default=None)
    return (best["ratio"], best["error"]) if best else (None, None)
