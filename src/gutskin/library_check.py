"""Check everything a library holds, also what a single run would not touch."""

from __future__ import annotations

from pathlib import Path

from gutskin.claims.read import read_claims
from gutskin.daily import faults as daily_faults
from gutskin.daily import read_series
from gutskin.diseases import disease_names
from gutskin.diseases import faults as disease_faults
from gutskin.drivers import blocks
from gutskin.ecology.shelf import faults as ecology_faults
from gutskin.edges import read_edges
from gutskin.errors import GutskinError, LibraryError, LibraryErrors, nearest
from gutskin.model import Model, load
from gutskin.people import Person, people_names, read_person, within
from gutskin.pictures import faults as picture_faults
from gutskin.pictures import picture_names
from gutskin.plans import faults as plan_faults
from gutskin.precedence import resolve
from gutskin.protocol import stops
from gutskin.reference.strata import FOLDER as POPULATIONS
from gutskin.reference.strata import faults as population_faults
from gutskin.reference.strata import population_names
from gutskin.samples.check import faults as sample_faults
from gutskin.samples.noise import FILE as NOISE
from gutskin.samples.noise import faults as noise_faults
from gutskin.samples.sites import load_sites
from gutskin.samples.taxa import load_taxa
from gutskin.scenario import DAY, Course, read_scenario
from gutskin.sites import FOLDER as SITES
from gutskin.sites import Site, read_site, site_names
from gutskin.treatment import Treatment, read_treatment, treatment_names


def check_library(library: Path, name: str = "person") -> dict[str, int]:
    """Return what was checked, by kind.

    Raises
    ------
    LibraryErrors
        With every fault found: compile errors, read-outs, edges and treatments that name nothing of the
        model, modules that are in no block, sources that are not in the bibliography, daily series of
        nothing, signatures of diseases, reference people, people, sites, populations and scenarios that
        cannot be read, noise of samples of no guild, candidates that are no plans, places of samples that
        nothing is known of, claims that nothing or no study tests.
    """
    model = load(name, library=library)
    faults: list[LibraryError] = []
    faults += _readouts(model)
    faults += _edges(model)
    faults += blocks.faults(model)
    faults += picture_faults(model) + daily_faults(model)
    faults += disease_faults(library, model.ledger.sources)
    faults += ecology_faults(library, model.ledger.sources)
    treatments = _treatments(model, faults)
    people = people_names(library / "people")
    scenarios = sorted((library / "scenarios").glob("*.toml"))
    for path in scenarios:
        _keep(faults, lambda path=path: _scenario(model, path))
    for each in people:
        _keep(faults, lambda each=each: _person(model, read_person(each, library / "people"), faults))
    sites = site_names(library / SITES)
    for each in sites:
        _keep(faults, lambda each=each: _person(model, _anybody(read_site(each, library / SITES)), faults))
    for part in (_taxa, _priors, _plans, _places):
        _keep(faults, lambda part=part: faults.extend(part(model)))
    claims = _claims(library, faults)
    if faults:
        raise LibraryErrors(faults)
    return {
        "states": len(model.network.states),
        "reactions": len(model.network.reactions),
        "numbers of the ledger": len(model.ledger.rows),
        "read-outs": len(model.readouts),
        "edges": len(read_edges(library)),
        "treatments": len(treatments),
        "scenarios": len(scenarios),
        "people": len(people),
        "sites": len(sites),
        "populations": len(population_names(library / POPULATIONS)),
        "daily series": len(read_series(library)),
        "pictures": len(picture_names(library / "pictures")),
        "diseases": len(disease_names(library / "diseases")),
        "claims": claims,
    }


def _taxa(model: Model) -> list[LibraryError]:
    """Return what is wrong with the tables that samples and metadata are read by."""
    names = {*model.network.states, *(constant.name for constant in model.network.constants)}
    return sample_faults(model.library, names, model.readouts, model.ledger.sources)


def _priors(model: Model) -> list[LibraryError]:
    """Return what is wrong with populations and with the noise of samples, which a library may not have."""
    people, sources = people_names(model.library / "people"), model.ledger.sources
    found = population_faults(model.library / POPULATIONS, people, sources)
    if not (model.library / NOISE).is_file():
        return found
    guilds = dict[str, list[str]]()
    for each in load_taxa(model.library / "taxa").guilds.values():
        guilds.setdefault(each.site, []).append(each.name)
    return found + noise_faults(model.library, sources, guilds)


def _plans(model: Model) -> list[LibraryError]:
    """Return what is wrong with the plans that are tried when none is named."""
    return plan_faults(model.library, model.readouts)


def _places(model: Model) -> list[LibraryError]:
    """Return what is wrong with the places of samples that sites say they are looked at in."""
    library = model.library
    if not (library / "taxa").is_dir():
        return []
    known, found, taken = load_sites(library / "taxa").known, list[LibraryError](), dict[str, str]()
    for site in site_names(library / SITES):
        try:
            named = read_site(site, library / SITES).samples
        except GutskinError:  # told where the site itself is checked
            continue
        for name in named:
            where = f"{site}.toml, samples"
            if name not in known:
                said, remedy = f"no sample is from {name!r}", nearest(name, known)
                found.append(LibraryError("E576", said, where=where, remedy=remedy))
            elif name in taken:
                said = f"{name!r} belongs to {taken[name]} too"
                found.append(LibraryError("E576", said, where=where, remedy="keep one"))
            taken.setdefault(name, site)
    return found


def _claims(library: Path, faults: list[LibraryError]) -> int:
    """Return how many claims there are; what is wrong with them is added to the faults."""
    try:
        return len(read_claims(library))
    except LibraryErrors as found:
        faults += found.faults
    except GutskinError as error:
        faults.append(LibraryError(error.code, error.message, where=error.where, remedy=error.remedy))
    return 0


def _scenario(model: Model, path: Path) -> None:
    """Read a scenario, its person and its overrides as a run would, and follow both arms."""
    scenario = read_scenario(path, (model.library / "treatments",))
    person = Person("scenario", "")
    if scenario.person:
        person = read_person(scenario.person, model.library / "people")
    constants = resolve(model, within(person, scenario, model.library))[0]
    for planned in (False, True):
        stops(scenario.courses(planned=planned), model.network, constants.tolist())


def _anybody(site: Site) -> Person:
    """Return nobody in particular, looked at in a place of the library."""
    return Person(f"site {site.name}", "").at(site)


def _person(model: Model, person: Person, faults: list[LibraryError]) -> None:
    """Check constants and units of a person, and the sources of their own rows, of the site too."""
    resolve(model, person)
    for rows in person.rows.values():
        for row in rows.values():
            fault = _unknown_source(model, row.source, row.line)
            faults += [each for each in fault if str(each) not in map(str, faults)]


def _keep(faults: list[LibraryError], attempt: object) -> None:
    try:
        attempt()  # type: ignore[operator]
    except GutskinError as error:
        faults.append(LibraryError(error.code, error.message, where=error.where, remedy=error.remedy))


def _unknown_source(model: Model, key: str, where: str) -> list[LibraryError]:
    if key == "none" or key in model.ledger.sources:
        return []
    remedy = nearest(key, model.ledger.sources)
    return [LibraryError("E137", f"source {key!r} is not in sources.bib", where=where, remedy=remedy)]


def _readouts(model: Model) -> list[LibraryError]:
    faults: list[LibraryError] = []
    known = {q.name: q.unit for q in model.network.quantities}
    for each in model.readouts.values():
        where = f"read-out {each.name}"
        if each.quantity not in known:
            remedy = nearest(each.quantity, known)
            faults.append(
                LibraryError("E235", f"the model has no {each.quantity!r}", where=where, remedy=remedy)
            )
        elif known[each.quantity] != each.unit:
            message = f"its unit is {each.unit!r}, that of {each.quantity} is {known[each.quantity]!r}"
            faults.append(LibraryError("E235", message, where=where, remedy="write the unit of the quantity"))
        if each.healthy:
            faults += _unknown_source(model, each.healthy.source, where)
    return faults


def _edges(model: Model) -> list[LibraryError]:
    faults: list[LibraryError] = []
    constants = {c.name for c in model.network.constants}
    for each in read_edges(model.library):
        where = f"edge {each.name}"
        if each.constant not in constants:
            remedy = nearest(each.constant, constants)
            faults.append(
                LibraryError(
                    "E237", f"the model has no constant {each.constant!r}", where=where, remedy=remedy
                )
            )
        faults += _unknown_source(model, each.source, where)
    return faults


def _treatments(model: Model, faults: list[LibraryError]) -> list[Treatment]:
    found = []
    for path in treatment_names((model.library / "treatments",)).values():
        try:
            treatment = read_treatment(path)
            dose = treatment.dose.usual if treatment.dose else 1.0
            stops(
                [Course(treatment, dose, treatment.every, 0.0, DAY)],
                model.network,
                model.constants().tolist(),
            )
        except GutskinError as error:
            faults.append(
                LibraryError(error.code, error.message, where=error.where or path.name, remedy=error.remedy)
            )
            continue
        for key in treatment.sources:
            faults += _unknown_source(model, key, path.name)
        found.append(treatment)
    return found
