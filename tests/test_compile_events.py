"""Events of the model text: what is understood, what it means, and what is refused."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gutskin.compile import compile_text
from gutskin.compile.dimensions import written
from gutskin.compile.events import affine, event_faults, owned, still
from gutskin.compile.source import build_kernel
from gutskin.errors import LibraryErrors
from gutskin.ledger import read_ledger
from gutskin.model import Model
from gutskin.network import Event, Formula, Network, names_in

helpers = runpy.run_path(str(Path(__file__).parent / "helpers.py"))

TEXT = """  compartment place;
  substanceOnly species a in place, b in place;
  turn: a => b; k_turn * a;
  leave: b => ; k_leave * b;
  total := a + b;
  t_late := t_wash + t_rest;
  {}"""
NUMBERS = {
    "k_turn": (0.3, "1/h"), "k_leave": (0.2, "1/h"), "t_wash": (5.0, "h"), "t_rest": (3.0, "h"),
    "share": (0.25, "1"), "dose": (7.0, "mmol"),
}  # fmt: skip
QUANTITIES = {
    "a": ("mmol", 10.0, "CH2O"), "b": ("mmol", 1.0, "CH2O"), "total": ("mmol",), "t_late": ("h",),
}  # fmt: skip

Build = Callable[[str], Model]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Return a chain with an event; every constant is used by something else too."""
    used = "keep: at (time >= t_wash): k_turn = k_turn * share * dose / dose;"

    def built(event: str) -> Model:
        model: Model = helpers["toy"](
            tmp_path, TEXT.format(f"{used}\n  {event}"), NUMBERS, QUANTITIES, ("leave",)
        )
        return model

    return built


def n(name: str) -> Formula:
    return ("n", name)


@pytest.mark.parametrize(
    ("said", "time", "strict"),
    [
        ("time >= t_wash", "t_wash", False),
        ("time > t_wash", "t_wash", True),
        ("t_wash <= time", "t_wash", False),
        ("t_wash < time", "t_wash", True),
        ("time >= 2 * t_wash + 10 * t_rest", "2 * t_wash + 10 * t_rest", False),
        ("time > max(t_wash, t_rest)", "max(t_wash, t_rest)", True),
        ("time >= t_late", "t_late", False),
    ],
)
def test_every_way_to_wait_for_the_clock(build: Build, said: str, time: str, strict: bool) -> None:
    event = build(f"wash: at ({said}): a = 0;").network.events[1]
    assert (written(event.time), event.strict, event.name, event.line) == (time, strict, "wash", "toy.ant:10")


@pytest.mark.parametrize(
    ("said", "kinds", "numbers"),
    [
        ("a = dose", ("scale", "add"), (0.0, 7.0)),
        ("a = 0", ("scale",), (0.0,)),
        ("a = a", (), ()),
        ("a = a * share", ("scale",), (0.25,)),
        ("a = share * a", ("scale",), (0.25,)),
        ("a = a / share", ("scale",), (4.0,)),
        ("a = a + dose", ("add",), (7.0,)),
        ("a = dose - a / 2", ("scale", "add"), (-0.5, 7.0)),
        ("a = a - share * (a + dose)", ("scale", "add"), (0.75, -1.75)),
        ("a = (a + 2 * dose) * share", ("scale", "add"), (0.25, 3.5)),
        ("k_leave = 2 * k_turn", ("set",), (0.6,)),
        ("k_leave = k_leave * share, b = b + dose", ("set", "add"), (0.05, 7.0)),
    ],
)
def test_what_an_assignment_does(
    build: Build, said: str, kinds: tuple[str, ...], numbers: tuple[float, ...]
) -> None:
    model = build(f"wash: at (time >= t_wash): {said};")
    time, *got = model.kernel.scalar.schedule(model.constants().tolist())[1]
    assert model.kernel.events[1].kinds == kinds
    assert time == 5.0
    assert got == pytest.approx(numbers, rel=1e-15)
    vector = model.kernel.vector.schedule(np.tile(model.constants()[:, None], 3))[1]
    assert [float(np.broadcast_to(each, 3)[2]) for each in vector] == pytest.approx([time, *got], rel=1e-15)


linear = st.deferred(
    lambda: st.one_of(
        st.just(n("x")),
        fixed,
        st.tuples(st.sampled_from(["add", "sub"]), linear, linear),
        st.tuples(st.just("neg"), linear),
        st.tuples(st.just("mul"), linear, fixed),
        st.tuples(st.just("mul"), fixed, linear),
        st.tuples(st.just("div"), linear, fixed),
    )
)
fixed = st.sampled_from([n("k"), n("l"), ("c", 2.0), ("exp", n("k"))])


def value(formula: Formula, x: float) -> float:
    op, *parts = formula
    known = {"x": x, "k": 1.5, "l": -0.75}
    if op in ("c", "n"):
        return float(parts[0] if op == "c" else known[parts[0]])
    got = [value(part, x) for part in parts]
    table: dict[str, Callable[..., Any]] = {
        "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative,
        "exp": np.exp,
    }  # fmt: skip
    return float(table[op](*got))


@settings(max_examples=200, deadline=None)
@given(linear)
def test_what_is_linear_is_split_into_two_numbers(formula: Formula) -> None:
    found = affine(formula, "x")
    assert found is not None
    scale, add = found
    assert "x" not in names_in(scale) | names_in(add)
    for x in (0.0, 1.0, -3.0, 7.5):
        size = 1 + abs(value(scale, 0.0) * x) + abs(value(add, 0.0))
        assert abs(value(scale, 0.0) * x + value(add, 0.0) - value(formula, x)) < 1e-9 * size


@pytest.mark.parametrize(
    "formula",
    [
        ("mul", n("x"), n("x")),
        ("div", n("k"), n("x")),
        ("pow", n("x"), ("c", 2.0)),
        ("exp", n("x")),
        ("max", n("x"), n("k")),
        ("add", n("k"), ("mul", ("add", n("x"), n("k")), ("sub", n("x"), n("k")))),
    ],
)
def test_what_is_not_linear_is_not_split(formula: Formula) -> None:
    assert affine(formula, "x") is None


def test_what_stands_still_and_what_belongs_to_events(build: Build) -> None:
    network = build("wash: at (time >= t_late): k_leave = k_turn;").network
    known = still(network)
    assert known["t_late"] == {"t_wash", "t_rest"}
    assert "total" not in known
    assert owned(network) == {
        "t_wash": "wash", "t_rest": "wash", "k_leave": "wash", "k_turn": "keep",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "code", "named"),
    [
        ("at (total >= dose): a = 0", "E120", "total"),
        ("at (time >= t_wash * a / b): a = 0", "E120", "'a'"),
        ("at (time >= t_late): t_rest = 2 * t_rest", "E120", "t_rest"),
        ("at (time >= 1 / k_turn): a = 0", "E120", "'keep'"),
        ("at (time >= t_wash): a = total", "E122", "total"),
        ("at (time >= t_wash): k_leave = k_leave * a / b", "E122", "'a'"),
        ("at (time >= t_wash): a = a * b / dose", "E122", "'b'"),
        ("at (time >= t_wash): a = max(a, dose)", "E122", "not linear"),
    ],
)
def test_what_no_stop_can_do_is_refused_by_name(build: Build, said: str, code: str, named: str) -> None:
    with pytest.raises(Exception, match=code) as caught:
        build(f"wash: {said};")
    faults = getattr(caught.value, "faults", (caught.value,))
    assert [fault.code for fault in faults] == [code]
    assert faults[0].where == "toy.ant:10"
    assert "'wash'" in faults[0].message
    assert named in faults[0].message


def test_all_faults_of_all_events_are_said_at_once(build: Build) -> None:
    with pytest.raises(LibraryErrors) as caught:
        build("one: at (time >= t_wash): a = b;\n  two: at (time >= 1 / k_turn): a = 0, b = a;")
    assert [(f.code, f.where) for f in caught.value.faults] == [
        ("E122", "toy.ant:10"), ("E120", "toy.ant:11"), ("E122", "toy.ant:11"),
    ]  # fmt: skip


def test_an_unlimited_species_cannot_be_set(build: Build) -> None:
    network = build("").network
    outside = tuple(
        replace(q, kind="boundary", start=None) if q.name == "b" else q for q in network.quantities
    )
    event = Event("wash", "toy", n("t_wash"), False, (("b", n("dose")),), "toy.ant:9")
    faults = event_faults(replace(network, quantities=outside, events=(event,)))
    assert [(f.code, f.where) for f in faults] == [("E122", "toy.ant:9")]


def test_events_of_children_come_where_the_child_stands_and_keep_their_line(tmp_path: Path) -> None:
    own = "  pond: pool();\n  own' = 1;\n  drain: at (time >= t_wash): own = 0;\n  sea: pool();"
    library = helpers["write_library"](tmp_path, own, {"t_wash": (5.0, "h")}, {"own": ("h", 0.0)})
    path = library / "models/toy.ant"
    path.write_text('import "pool.ant"\n' + path.read_text())
    (library / "models/pool.ant").write_text(
        "// A pool.\nmodel pool()\n  level' = k;\n  rain: at (time > t_rain): level = 1;\nend\n"
    )
    row = 'source = "none"\ngrade = "assumed"\nspread = { kind = "fixed" }\n'
    (library / "parameters/pool.toml").write_text(
        f'[k]\nvalue = 1.0\nunit = "1/h"\n{row}\n[t_rain]\nvalue = 2.0\nunit = "h"\n{row}'
        f'\n[sea.t_rain]\nvalue = 3.0\nunit = "h"\n{row}'
    )
    (library / "quantities/pool.toml").write_text('level = { label = "Level", unit = "1", start = 0 }\n')
    network = compile_text(path, library, read_ledger(library))
    assert [(e.name, e.module, e.line) for e in network.events] == [
        ("pond_rain", "pool", "pool.ant:4"), ("drain", "toy", "toy.ant:6"),
        ("sea_rain", "pool", "pool.ant:4"),
    ]  # fmt: skip


def test_events_survive_the_cache_and_change_the_digest(build: Build) -> None:
    first = build("wash: at (time >= t_wash): a = dose;")
    again = build("wash: at (time >= t_wash): a = dose;")
    other = build("wash: at (time > t_wash): a = dose;")
    assert again.network == first.network == Network.from_json(first.network.to_json())
    assert again.kernel == first.kernel == build_kernel(first.network)
    assert len({first.network.digest, other.network.digest}) == 2
    assert first.kernel.lanes.text == other.kernel.lanes.text, "events need no new machine code"


def test_an_event_is_explained_and_named_where_its_constants_are_used(build: Build) -> None:
    model = build("wash: at (time > t_wash): a = dose;")
    assert dict(model.explain("wash").facts) == {"what": "event", "written in": "toy.ant:10"}
    assert ("wash: at (time > t_wash): a = dose", "toy.ant:10") in model.explain("t_wash").uses
