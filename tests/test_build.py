"""What is built from a library: taken from the cache when no byte changed, built again when one did."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gutskin import build as package
from gutskin import cache
from gutskin.build import Built, build
from gutskin.compile import compile_model, compile_text
from gutskin.errors import GutskinError
from gutskin.ledger import read_ledger
from gutskin.model import load
from gutskin.paths import LIBRARY
from gutskin.plain import from_json, to_json
from gutskin.readouts import read_readouts

POND = Path(__file__).parent / "bad/models/right"
READOUT = """[food]
quantity = "sugar"
label = "Food"
unit = "mmol"
better = "within"
healthy = { low = 0.5, high = 2.0, source = "pond_1999", where = "Table 1" }
words = [[0, "low"], [0.5, "usual"]]
"""


class Counter:
    """Counts how often text is compiled."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, main: Path, library: Path) -> object:
        self.times += 1
        return compile_model(main, library)


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "cache"))
    made = Counter()
    monkeypatch.setattr(package, "compile_model", made)
    return made


@pytest.fixture
def pond(tmp_path: Path) -> Path:
    library = Path(shutil.copytree(POND, tmp_path / "library"))
    (library / "readouts").mkdir()
    (library / "readouts/gut.toml").write_text(READOUT)
    return library


def built(library: Path) -> Built:
    return build(library / "models/pond.ant", library)


def cached(tmp_path: Path) -> list[Path]:
    """Return the models that are kept; flattened text stands beside them."""
    return sorted((tmp_path / "cache").glob("*.model"))


def kinds(tmp_path: Path) -> list[str]:
    return sorted(path.suffix for path in (tmp_path / "cache").iterdir())


def test_the_second_time_is_from_the_cache_and_equal(tmp_path: Path, counter: Counter, pond: Path) -> None:
    first = built(pond)
    again = built(pond)
    assert counter.times == 1
    assert again == first
    assert repr(again) == repr(first)  # whole numbers are whole numbers, tuples are tuples
    assert again.network.digest == first.network.digest
    assert again.ledger.digest == first.ledger.digest
    assert kinds(tmp_path) == [".model", ".sbml"]


def test_what_is_built_is_what_the_files_say(counter: Counter, pond: Path) -> None:
    for made in (built(pond), built(pond)):
        assert made.ledger == read_ledger(pond)
        assert made.readouts == read_readouts(pond)
        assert made.network == compile_text(pond / "models/pond.ant", pond, made.ledger)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("parameters/pond.toml", "value = 2.0", "value = 2.5"),
        ("parameters/pond.toml", "gsd = 1.5", "gsd = 2"),
        ("parameters/pond.toml", '"Table 1"', '"Table 2"'), ("models/pond.ant", "// A", "// The"),
        ("models/pond.ant", "k_leave * cells", "k_leave * cells * hunger"),
        ("quantities/pond.toml", "start = 1.0", "start = 1.5"), ("quantities/pond.toml", '"Sugar"', '"Food"'),
        ("open_reactions/pond.toml", "cells flow out", "cells die"), ("sources.bib", "1999},", "1998},"),
        ("readouts/gut.toml", "low = 0.5", "low = 0.6"), ("readouts/gut.toml", '"usual"', '"plenty"'),
    ],
)  # fmt: skip
def test_any_change_of_the_library_builds_again(
    tmp_path: Path, counter: Counter, pond: Path, file: str, old: str, new: str
) -> None:
    before = built(pond)
    text = (pond / file).read_text()
    assert old in text
    (pond / file).write_text(text.replace(old, new))
    after = built(pond)
    assert counter.times == 2
    assert len(cached(tmp_path)) == 2
    assert after.ledger == read_ledger(pond)
    assert after.readouts == read_readouts(pond)
    assert after.network == compile_text(pond / "models/pond.ant", pond, after.ledger)
    assert new.startswith("//") or after != before


def test_a_unit_that_fits_no_more_is_refused_although_all_else_was_checked(
    counter: Counter, pond: Path
) -> None:
    built(pond)
    path = pond / "parameters/pond.toml"
    text = path.read_text()
    path.write_text(text.replace('unit = "mmol/h"', 'unit = "mmol/day"', 1))
    for _ in range(2):
        with pytest.raises(GutskinError, match="E113"):
            built(pond)
    path.write_text(text)
    built(pond)
    assert counter.times == 3


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_byte_of_every_file_counts(pond: Path, data: st.DataObject) -> None:
    main = pond / "models/pond.ant"
    before = package._key(main, pond, "")
    path = data.draw(st.sampled_from(sorted(each for each in pond.rglob("*.*") if each.is_file())))
    whole = path.read_bytes()
    place, change = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    path.write_bytes(whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :])
    assert package._key(main, pond, "") != before
    path.write_bytes(whole)
    assert package._key(main, pond, "") == before


def test_a_file_that_comes_goes_or_moves_counts(pond: Path) -> None:
    main = pond / "models/pond.ant"
    keys = [package._key(main, pond, "")]
    for change in (
        lambda: (pond / "parameters/zoo.toml").write_text(""),
        lambda: (pond / "parameters/zoo.toml").rename(pond / "quantities/aaa.toml"),
        lambda: (pond / "quantities/aaa.toml").rename(pond / "quantities/aab.toml"),
        lambda: (pond / "models/zoo.ant").write_text("// nothing\n"),
    ):
        change()
        keys.append(package._key(main, pond, ""))
    assert len(set(keys)) == 5


def test_units_and_compiler_count(pond: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main = pond / "models/pond.ant"
    here = package._key(main, pond, package._makers())
    assert package._key(main, pond, "another compiler") != here
    (tmp_path / "units.txt").write_bytes((LIBRARY / "units.txt").read_bytes() + b"\n")
    monkeypatch.setattr(package, "LIBRARY", tmp_path)
    assert package._key(main, pond, package._makers()) != here


def test_all_our_code_that_builds_a_model_is_in_the_name(tmp_path: Path) -> None:
    script = (
        "import sys; from gutskin.build import build; from gutskin.paths import LIBRARY;"
        "build(LIBRARY / 'models/person.ant', LIBRARY);"
        "print(' '.join(name for name in sys.modules if name.startswith('gutskin.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env={**os.environ, "GUTSKIN_CACHE": str(tmp_path / "cache")},
    )  # fmt: skip
    parts = {name.split(".")[1] for name in done.stdout.split()}
    assert parts - set(package.MODULES) == {"cache", "compile", "errors", "paths"}
    assert set(package.MODULES) <= parts


def test_a_file_edited_while_it_is_read_is_not_kept(
    tmp_path: Path, pond: Path, monkeypatch: pytest.MonkeyPatch, counter: Counter
) -> None:
    path = pond / "parameters/pond.toml"

    def edited(main: Path, library: Path) -> object:
        made = counter(main, library)
        path.write_text(path.read_text().replace("value = 2.0", "value = 2.5"))
        return made

    monkeypatch.setattr(package, "compile_model", edited)
    built(pond)
    assert cached(tmp_path) == []
    assert built(pond).ledger.rows["pond.inflow"].value == 2.5
    assert len(cached(tmp_path)) == 1


def test_a_change_of_a_module_that_stands_beside_the_main_file_builds_again(
    tmp_path: Path, counter: Counter, pond: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    shutil.copy(pond / "models/pond.ant", own / "pond.ant")
    (own / "lake.ant").write_text('import "pond.ant"\n// A lake.\nmodel lake()\n  deep: pond();\nend\n')
    build(own / "lake.ant", pond)
    text = (own / "pond.ant").read_text()
    (own / "pond.ant").write_text(text.replace("k_leave * cells", "k_leave * cells * hunger"))
    network = build(own / "lake.ant", pond).network
    assert counter.times == 2
    assert "hunger" in str({r.name: r.rate for r in network.reactions}["deep_leave"])


def test_going_back_finds_what_was_built_before(counter: Counter, pond: Path) -> None:
    before = built(pond)
    path = pond / "models/pond.ant"
    text = path.read_text()
    path.write_text(text.replace("k_leave * cells", "k_leave * cells * hunger"))
    built(pond)
    path.write_text(text)
    assert built(pond) == before
    assert counter.times == 2


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", None], ids=repr)
def test_a_damaged_file_is_rebuilt(
    tmp_path: Path, counter: Counter, pond: Path, damage: bytes | None
) -> None:
    before = built(pond)
    (path,) = cached(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert built(pond) == before
    assert counter.times == 2
    assert path.read_bytes() == whole
    assert built(pond) == before
    assert counter.times == 2


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"null", b"{}", b'{"network": 1}', b"not json"])
def test_a_whole_entry_that_holds_something_else_is_rebuilt(
    tmp_path: Path, counter: Counter, pond: Path, content: bytes
) -> None:
    before = built(pond)
    (path,) = cached(tmp_path)
    cache.write(path.name, content)
    assert built(pond) == before
    assert counter.times == 2


@pytest.fixture(scope="module")
def made() -> Built:
    network, ledger, kernel = compile_model(POND / "models/pond.ant", POND)
    return Built(network, ledger, kernel, {})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_one_changed_byte_of_the_entry_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Built, place: float, change: int
) -> None:
    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(package, "compile_model", lambda *_: (made.network, made.ledger, made.kernel))
    assert built(POND) == made
    (path,) = cached(tmp_path)
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] ^= change
    path.write_bytes(bytes(data))
    assert built(POND) == made


def test_a_cache_that_cannot_be_written_costs_time_only(
    tmp_path: Path, counter: Counter, pond: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("GUTSKIN_CACHE", str(tmp_path / "file"))
    assert built(pond) == built(pond)
    assert counter.times == 2


def test_a_model_with_faults_is_not_cached(tmp_path: Path, counter: Counter) -> None:
    wrong = POND.parent / "E113_per_day_plus_per_hour"
    for _ in range(2):
        with pytest.raises(GutskinError, match="E113"):
            built(wrong)
    assert counter.times == 2
    assert kinds(tmp_path) == [".sbml"]  # the text itself is right


def test_faulty_readouts_are_refused_when_asked_for_also_from_the_cache(counter: Counter, pond: Path) -> None:
    (pond / "readouts/gut.toml").write_text('[food]\nquantity = "sugar"\n')
    for _ in range(2):
        model = load("pond", library=pond)
        with pytest.raises(GutskinError, match="E235"):
            _ = model.readouts
    assert counter.times == 1


def test_readouts_are_those_of_the_time_of_loading(counter: Counter, pond: Path) -> None:
    model = load("pond", library=pond)
    (pond / "readouts/gut.toml").unlink()
    assert model.readouts["food"].label == "Food"
    assert load("pond", library=pond).readouts == {}


def test_the_whole_person_comes_back_to_the_last_bit() -> None:
    main = LIBRARY / "models/person.ant"
    one = build(main, LIBRARY)
    assert one.readouts
    again = from_json(Built, to_json(one))
    assert again == one
    assert repr(again) == repr(one)


def test_a_warm_start_touches_no_parser_and_no_units(tmp_path: Path) -> None:
    script = (
        "import sys; from gutskin.model import load; model = load(); model.readouts; model.constants();"
        "print(' '.join(sys.modules))"
    )
    said = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True,
            env={**os.environ, "GUTSKIN_CACHE": str(tmp_path / "cache")},
        )  # fmt: skip
        said.append(set(done.stdout.split()))
    heavy = {"pint", "tomllib", "libsbml", "gutskin.compile.graph", "gutskin.compile.ir"}
    assert heavy <= said[0]
    assert not heavy & said[1]


def test_processes_that_start_at_once_do_not_clash(tmp_path: Path, pond: Path) -> None:
    script = (
        "from pathlib import Path; from gutskin.model import load;"
        f"model = load('pond', library=Path({str(pond)!r}));"
        "print(model.network.digest, model.ledger.digest, model.readouts)"
    )
    environment = {**os.environ, "GUTSKIN_CACHE": str(tmp_path / "cache")}
    running = [
        subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = {process.communicate(timeout=60)[0].strip() for process in running}
    assert [process.returncode for process in running] == [0, 0, 0]
    ledger = read_ledger(pond)
    digest = compile_text(pond / "models/pond.ant", pond, ledger).digest
    assert said == {f"{digest} {ledger.digest} {read_readouts(pond)}"}
    assert kinds(tmp_path) == [".model", ".sbml"]
