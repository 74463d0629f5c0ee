"""The work of ``diagnose``, ``forecast`` and ``rank``: person after person, reports, files and a summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gutskin.cli import show
from gutskin.errors import GutskinError, InputError

if TYPE_CHECKING:
    from gutskin.answers import Diagnosis, Forecast, Ranking
    from gutskin.model import Model
    from gutskin.reference import Reference
    from gutskin.report.person import PersonReport
    from gutskin.scenario import Scenario
    from gutskin.subject import Seen, Subject
    from gutskin.twin import Twin

Row = dict[str, Any]
DIAGNOSIS, FORECAST, RANKING = "diagnosis", "forecast", "ranking"
POPULATION = "adults"


@dataclass
class Answering:
    """What is wanted of every person, and how.

    ``plans`` for a forecast or a ranking; ``references`` by place, built when first needed.
    """

    model: Model
    want: str
    out: Path
    site: str = ""
    kinds: Sequence[str] = ()
    members: int = 256
    size: int = 4000
    seed: int = 1
    plans: Sequence[Scenario] = ()
    endpoint: str = ""
    as_json: bool = False
    references: dict[str, Reference] = field(default_factory=dict)

    def reference(self, place: str) -> Reference:
        """Return the population of a place, with a bar when it is built."""
        from gutskin.reference import reference

        if place not in self.references:
            with show.progress(f"{self.size} virtual people, looked at on the {place}", 1.0) as tick:
                self.references[place] = reference(
                    self.model, place, population=POPULATION, size=self.size, seed=1, tick=tick
                )
        return self.references[place]


def answer_all(work: Answering, people: Sequence[Subject]) -> None:
    """Answer for everybody; one bad person does not stop the rest.

    Raises
    ------
    InputError
        The person's own fault when there is one person, E332 when there is no answer for anybody.
    """
    from gutskin.cli.subject import SUMMARY
    from gutskin.cli.telling import output_folder
    from gutskin.reference.strata import FOLDER, check_kinds, read_strata

    if not people:
        raise InputError("E332", "the tables hold nobody", remedy="check names and sites")
    check_kinds(work.kinds, read_strata(POPULATION, work.model.library / FOLDER))
    with output_folder(work.out):
        documents, rows, refused = _answers(work, people)
        if len(people) > 1:
            with _writing(work.out):
                _summary(work.out / SUMMARY, rows)
    if refused == len(people):
        raise InputError("E332", "there is an answer for nobody", remedy="see the refusals above")
    if work.as_json:
        show.as_json(documents)
    elif len(people) > 1:
        typer.echo(f"{len(people) - refused} of {len(people)} people: {work.out / SUMMARY}")


def _answers(work: Answering, people: Sequence[Subject]) -> tuple[list[Row], list[Row], int]:
    """Answer for one after the other; return documents, rows of the summary, and how many were refused."""
    from gutskin.cli.subject import folders

    places = folders([each.name for each in people], work.out)
    documents, rows, refused = list[Row](), list[Row](), 0
    for each in people:
        try:
            document, row = _answer(work, each, places[each.name] if len(people) > 1 else work.out)
        except GutskinError as error:
            if len(people) == 1:
                raise
            refused += 1
            rows.append({"person": each.name, "refused": str(error)})
            documents.append({"person": each.name, "refused": str(error)})
            typer.echo(f"{each.name}: REFUSED: {error}", err=True)
            continue
        rows.append(row)
        documents.append(document)
    return documents, rows, refused


def _answer(work: Answering, person: Subject, folder: Path) -> tuple[Row, Row]:
    """Answer for one person and write everything; return the document and a row of the summary.

    Raises
    ------
    InputError
        What the samples and the plan raise, E282 when files cannot be written.
    """
    from gutskin.answers import diagnose
    from gutskin.answers.document import document, write_documents
    from gutskin.answers.noted import sample_notes
    from gutskin.answers.stamp import stamp
    from gutskin.answers.tell import person_report
    from gutskin.report.person import write_person
    from gutskin.subject import seen
    from gutskin.twin import personalise

    told = seen(person, work.model, place=work.site)
    reference = work.reference(told.place)
    with show.progress(f"{person.name}: virtual people that fit", 1.0) as tick:
        twin = personalise(
            reference, told.observation, members=work.members, known=work.kinds, seed=work.seed, tick=tick
        )
    diagnosis = diagnose(twin)
    forecasts = _forecasts(work, twin) if work.want == FORECAST else ()
    ranking = _ranking(work, twin) if work.want == RANKING else None
    made = stamp(twin, population=POPULATION, seed=work.seed, warnings=_warnings(work))
    samples, notes = sample_notes(person, told), (*told.notes, *twin.seen.notes)
    page = person_report(
        work.model, person.name, _place(work.model, told.place), diagnosis=diagnosis, forecasts=forecasts,
        ranking=ranking, samples=samples, notes=notes, stamp=made,
    )  # fmt: skip
    path = folder / "report.html"
    with _writing(folder):
        write_documents(folder, twin, diagnosis, forecasts, ranking, made, samples=samples, notes=notes)
        write_person(page, path)
    if not work.as_json:
        _say(page, path)
    said = document(diagnosis, forecasts, ranking, made, samples=samples, notes=notes)
    return {"person": person.name, **said}, _row(person, told, diagnosis, ranking)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Tell of files that cannot be written (E282)."""
    try:
        yield
    except OSError as error:
        remedy = "choose another --out"
        raise InputError("E282", f"cannot write to {folder}", where=str(error), remedy=remedy) from error


def _forecasts(work: Answering, twin: Twin) -> tuple[Forecast, ...]:
    """Return the time to come without the plan, and with it when there is one."""
    from gutskin.answers import forecast

    plan = work.plans[0]
    arms = (False, True) if plan.plan else (False,)
    made = []
    with show.progress(f"{plan.days:g} days", float(len(arms))) as tick:
        for planned in arms:
            made.append(forecast(twin, plan, planned=planned, tick=tick))
    return tuple(made)


def _ranking(work: Answering, twin: Twin) -> Ranking:
    from gutskin.answers import rank
    from gutskin.answers.measure import candidates

    with show.progress(f"{len(work.plans)} plans, {work.plans[0].days:g} days", 1.0) as tick:
        return rank(twin, work.plans, work.endpoint, candidates=candidates(work.model), tick=tick)


def _warnings(work: Answering) -> list[str]:
    return list(dict.fromkeys(said for plan in work.plans for said in plan.warnings))


def _place(model: Model, place: str) -> str:
    from gutskin.sites import FOLDER, read_site

    return read_site(place, model.library / FOLDER).label


def _say(page: PersonReport, path: Path) -> None:
    from gutskin.report.person import headline

    typer.echo(f"{page.label}, {page.place}")
    for line in headline.lines(page):
        typer.echo(f"  {line.lead} {line.text}")
    typer.echo(f"report: {path}")


def _row(person: Subject, told: Seen, diagnosis: Diagnosis, ranking: Ranking | None) -> Row:
    """Return the person's row of the summary: how well it is known, chances of kinds, medians, the plan."""
    twin = diagnosis.twin
    row: Row = {
        "person": person.name, "refused": "", "place": told.place, "samples": len(told.used),
        "readings": len(told.observation.readings), "support": twin.support, "strain": twin.strain,
    }  # fmt: skip
    strata = twin.reference.strata
    row |= {f"chance {each.person}": float(odds) for each, odds in zip(strata, twin.odds, strict=True)}
    for each in diagnosis.findings:
        if each.readout.core:
            name = f"{each.readout.name} [{each.readout.unit}]"
            row |= {
                f"{name} {level}": float(v)
                for level, v in zip(("5 %", "50 %", "95 %"), each.now, strict=True)
            }
    if ranking:
        first = ranking.plans[0]
        row |= {"plan": first.plan.name, "plan helps": first.helps, "told apart": ranking.told_apart}
    return row


def _summary(path: Path, rows: Sequence[Row]) -> None:
    """Write a row a person (atomically); what a refused person lacks is empty."""
    import csv

    from gutskin.result import write_atomically

    names = list(dict.fromkeys(name for row in rows for name in row))

    def write(temporary: Path) -> None:
        with temporary.open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, names, restval="")
            table.writeheader()
            table.writerows(rows)

    write_atomically(path, write)
